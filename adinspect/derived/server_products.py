"""Which product each server runs: Exchange by its version, Lync and its forerunners by the number they announce."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame

from adinspect import products
from adinspect.derived import derived

EDGE_CLASS = "msexchexchangetransportserver"
"""Class of the object of an Edge server, in lower case."""


@derived(union=True)
def server_products(
    servers: Annotated[DataFrame, "version_major", "version_minor", "version_build", "edge_role", "object_class"],
    lync_servers: Annotated[DataFrame, "version"],
) -> DataFrame:
    """One row an Exchange or Lync server; `table` says which.

    `product` is its name (missing where the version tells none, or several) and `edge` (bool) whether it is an Exchange Edge
    server, whose version is that of its subscription.
    """
    edge = servers["edge_role"] | (servers["object_class"].str.lower() == EDGE_CLASS)
    kinds = [
        servers.assign(table="servers", product=products.exchange(servers), edge=edge),
        lync_servers.assign(table="lync_servers", product=products.lync(lync_servers["version"]), edge=False),
    ]
    columns = ["table", "guid", "dn", "identity", "product", "edge"]
    return pd.concat([kind[columns] for kind in kinds], ignore_index=True)
