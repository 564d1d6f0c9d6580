"""What the Get cmdlets of Exchange Unified Messaging would show of mailboxes."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.readings import reads


@reads("Get-UMMailbox")
def get_um_mailbox(
    users: Annotated[DataFrame, "um_enabled", "um_mailbox_policy"],
    mailbox_policies: Annotated[DataFrame, "dn"],
    eum_addresses: Annotated[DataFrame, "primary", "address", "kind", "own"],
) -> DataFrame:
    """Every user enabled for UM: UMMailboxPolicy (objectGUID), Extensions and SIPResourceIdentifier in the own UM dial plan."""
    enabled = users[users["um_enabled"]].reset_index(drop=True)
    own = eum_addresses[eum_addresses["own"]]
    extensions = own[own["kind"] == "extension"].groupby("guid")["address"].agg(lambda told: tuple(sorted(told)))
    primary = own[own["primary"] & (own["kind"] == "sip")].drop_duplicates("guid", keep=False).set_index("guid")["address"]
    return enabled[["guid"]].assign(
        UMMailboxPolicy=enabled["um_mailbox_policy"].map(mailbox_policies.set_index("dn")["guid"]).astype(object),
        Extensions=enabled["guid"].map(extensions).astype(object),
        SIPResourceIdentifier=enabled["guid"].map(primary).astype(object),
    )
