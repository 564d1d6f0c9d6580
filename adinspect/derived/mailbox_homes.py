"""Where each user's mailbox is at home: the Exchange server, and so whether Unified Messaging exists there at all."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.derived import derived


@derived
def mailbox_homes(
    users: Annotated[DataFrame, "home_server", "mailbox_database"],
    servers: Annotated[DataFrame, "dn", "legacy_dn", "version_major", "version_minor", "version_build"],
    databases: Annotated[DataFrame, "dn", "owning_server"],
) -> DataFrame:
    """One row a user.

    `server` is the DN of the home server (missing: none is named, or the one that is named does not exist) and `server_name`
    its name, `version_major`, `version_minor` and `version_build` its version (Int64), `resolved` (bool) whether that version is
    known. The home server is the one whose legacy DN the user names, compared without regard to case; of a user that names none,
    it is the server that owns the mailbox database.
    """
    legacy = servers.dropna(subset="legacy_dn")
    by_legacy_dn = legacy.assign(key=legacy["legacy_dn"].str.lower()).drop_duplicates("key").set_index("key")["dn"]
    by_database = databases.set_index("dn")["owning_server"]
    known = servers.set_index("dn")
    text = servers["dn"].dtype
    owner = users["mailbox_database"].map(by_database).astype(text).where(users["home_server"].isna())
    server = users["home_server"].str.lower().map(by_legacy_dn).astype(text).fillna(owner)
    server = server.where(server.isin(known.index))
    return users[["guid", "dn", "identity"]].assign(
        server=server,
        server_name=server.map(known["identity"]).astype(text),
        version_major=server.map(known["version_major"]).astype("Int64"),
        version_minor=server.map(known["version_minor"]).astype("Int64"),
        version_build=server.map(known["version_build"]).astype("Int64"),
        resolved=server.map(known["version_major"]).notna(),
    )
