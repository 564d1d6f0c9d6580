"""What the Get cmdlets of Exchange would show of mailboxes: in Unified Messaging, and their addresses."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import topology
from adinspect.membership import among
from adinspect.readings import reads
from adinspect.step import UNKNOWN


@reads("Get-UMMailbox")
def get_um_mailbox(
    users: Annotated[DataFrame, "um_enabled", "um_mailbox_policy", "um_fax", "mailbox_database"],
    um_users: Annotated[DataFrame, "plan_found", "uri_type"],
    mailbox_policies: Annotated[DataFrame, "dn"],
    eum_addresses: Annotated[DataFrame, "primary", "address", "kind", "own"],
) -> DataFrame:
    """Every mailbox here that is enabled for UM: UMMailboxPolicy (objectGUID), FaxEnabled, SIPResourceIdentifier, Extensions.

    SIPResourceIdentifier is the primary EUM address in a SIP URI or E.164 dial plan, as Exchange 2013 shows it; of several nobody
    knows which. Extensions are the digits alone, those of the own UM dial plan, else all: the cmdlet shows every EUM address
    there, the SIP address among them. Whether missed calls are told of is in no table.
    """
    enabled = users[users["um_enabled"] & users["mailbox_database"].notna()].reset_index(drop=True)
    policy = enabled["um_mailbox_policy"].map(mailbox_policies.set_index("dn")["guid"]).astype(object)
    return enabled[["guid"]].assign(
        UMMailboxPolicy=policy.mask(policy.isna() & enabled["um_mailbox_policy"].notna(), UNKNOWN),
        FaxEnabled=enabled["um_fax"],
        MissedCallNotificationEnabled=UNKNOWN,
        SIPResourceIdentifier=resource_identifier(enabled["guid"], um_users, eum_addresses),
        Extensions=extensions(enabled["guid"], eum_addresses),
    )


def resource_identifier(guids: Series, um_users: DataFrame, eum_addresses: DataFrame) -> Series:
    """The primary EUM address of each user in a plan that has such an identifier; UNKNOWN where there are several."""
    has_one = um_users["uri_type"].isin([topology.SIP_URI, topology.E164]).astype(bool) & um_users["plan_found"]
    primary = eum_addresses[eum_addresses["primary"] & among(eum_addresses["guid"], um_users.loc[has_one, "guid"])]
    several = primary.loc[primary["guid"].duplicated(), "guid"]
    told = guids.map(primary.drop_duplicates("guid", keep=False).set_index("guid")["address"]).astype(object)
    return told.mask(among(guids, several), UNKNOWN)


def extensions(guids: Series, eum_addresses: DataFrame) -> Series:
    """The extensions of each user, sorted: those of the own UM dial plan, of who has none there all."""
    extensions = eum_addresses[eum_addresses["kind"] == "extension"]
    own = extensions[extensions["own"]]
    chosen = pd.concat([own, extensions[~among(extensions["guid"], own["guid"])]])
    held = chosen.groupby("guid")["address"].agg(lambda told: tuple(sorted(set(told))))
    return guids.map(held).astype(object)


@reads("Get-Mailbox")
def get_mailbox(
    users: Annotated[DataFrame, "mailbox_database"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """Every mailbox of this organization: EmailAddresses, all proxy addresses, sorted as Unicode sorts."""
    mailboxes = users[users["mailbox_database"].notna()].reset_index(drop=True)
    held: dict[str, list[str]] = {}
    for guid, address in zip(proxy_addresses["guid"].tolist(), proxy_addresses["address"].tolist(), strict=True):
        held.setdefault(guid, []).append(address)
    told = [tuple(sorted(held[guid])) if guid in held else None for guid in mailboxes["guid"]]
    return mailboxes[["guid"]].assign(EmailAddresses=Series(told, mailboxes.index, dtype=object))
