"""The services that answer calls for Exchange UM: UM on Exchange servers, and the call routers before it."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import topology
from adinspect.derived import derived


@derived(union=True)
def um_hosts(
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor", "startup_mode"],
    call_routers: Annotated[DataFrame, "server", "startup_mode"],
) -> DataFrame:
    """Every Exchange server and every call router of a release that has UM; one row each, `table` says which.

    `server_name` is what people call the server, which a call router's own name never tells. `um_role` is true for a call router.
    `startup_mode` is 0 TCP, 1 TLS, 2 Dual or missing.
    """
    return _united(servers, call_routers, "startup_mode")


@derived(union=True)
def um_certificates(
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor", "startup_mode", "certificate_thumbprint"],
    call_routers: Annotated[DataFrame, "server", "startup_mode", "certificate_thumbprint"],
) -> DataFrame:
    """The rows of `um_hosts`, and which certificate each service uses: `certificate_thumbprint`, missing where none is assigned.

    A table of its own: an export in which no server has a certificate cannot tell that any was looked for, and that is no reason
    not to know the startup modes.
    """
    return _united(servers, call_routers, "startup_mode", "certificate_thumbprint")


def _united(servers: DataFrame, call_routers: DataFrame, *settings: str) -> DataFrame:
    able = topology.has_um(servers)
    routers = call_routers[~call_routers["server"].isin(servers.loc[~able, "dn"])]
    hosts = [
        servers[able].assign(table="servers", server_name=servers["identity"]),
        routers.assign(table="call_routers", server_name=topology.server_names(routers, servers), um_role=True),
    ]
    columns = ["table", "guid", "dn", "identity", "server_name", "um_role", *settings]
    return pd.concat([host[columns] for host in hosts], ignore_index=True)
