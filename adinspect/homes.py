"""Where each user is at home, in words that users are counted and moved by: site, pool, number range, mailbox, UM dial plan."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pandas import DataFrame, Series

from adinspect import products, recipients, voice
from adinspect.derived import joined
from adinspect.rule import Lack, Signature, Skipped
from adinspect.view import View

NOT_KNOWN = "(not known)"
"""Stands where there may be a home, which was not seen or leads to nothing that was."""

HERE = "an Exchange server of a release that is not known"
"""Stands for the product where only the mailbox is known."""


class Mailbox(StrEnum):
    """Where a mailbox is, when it is on no server of this organization."""

    ONLINE = "Exchange Online"
    ELSEWHERE = "another forest"
    NONE = "no mailbox"


class Homed(StrEnum):
    """What a deployment locator and a home pool say together."""

    ONLINE = "online"
    HERE = "on-premises"
    NOWHERE = "not homed"


Asked = Callable[..., Series]


def of(view: View) -> DataFrame:
    """One row a user, of text: guid, site, pool, homed (Homed), number_range, mailbox, um_dial_plan.

    `site` and `number_range` are missing where the profile says none; `pool` (FQDN) and `um_dial_plan` where the user has none.
    `mailbox` is the product of the home server, or a word of Mailbox. NOT_KNOWN stands where any of them was not seen.
    """
    users = view.tables["users"]
    asked: dict[str, Asked] = {
        "site": _site,
        "pool": _pool,
        "homed": _homed,
        "number_range": _number_range,
        "mailbox": _mailbox,
        "um_dial_plan": _um_dial_plan,
    }
    return users[["guid"]].assign(**{name: _looked(view, ask) for name, ask in asked.items()})


def _looked(view: View, ask: Asked) -> Series:
    """What a function makes of the tables it asks for, on the index of `users`."""
    guids = view.tables["users"]["guid"]
    handed = view.hand(Signature.of(ask), {})
    if isinstance(handed, Skipped):
        return Series(NOT_KNOWN if handed.lack is Lack.UNSEEN else None, guids.index, dtype="str")
    found = guids.map(ask(**handed.arguments)).astype("str")
    return found.mask(guids.isin(list(handed.hidden)), NOT_KNOWN)


def _site(placements: Annotated[DataFrame, "site"]) -> Series:
    return placements.set_index("guid")["site"]


def _number_range(line_ranges: Annotated[DataFrame, "start"]) -> Series:
    return line_ranges.drop_duplicates("guid").set_index("guid")["start"]


def _pool(
    users: Annotated[DataFrame, "pool_service", "deployment_locator?"],
    pool_services: Annotated[DataFrame, "dn", "pool", ...],
    pools: Annotated[DataFrame, "dn", "fqdn", ...],
) -> Series:
    homed = users[users["pool_service"].notna() & ~voice.online(users)].set_index("guid")["pool_service"]
    fqdn = homed.map(pool_services.set_index("dn")["pool"]).map(pools.set_index("dn")["fqdn"])
    return fqdn.astype("str").fillna(NOT_KNOWN)


def _homed(users: Annotated[DataFrame, "pool_service", "deployment_locator?"]) -> Series:
    homed = Series(Homed.NOWHERE.value, users.index, dtype="str")
    homed = homed.mask(voice.on_premises(users), Homed.HERE.value).mask(voice.online(users), Homed.ONLINE.value)
    return homed.set_axis(users["guid"])


def _mailbox(
    users: Annotated[
        DataFrame, "mailbox_database", "recipient_type", "remote_recipient_type?", "target_address?", "object_class"
    ],
    mailbox_homes: Annotated[DataFrame | None, "version_major", "version_minor", "version_build"],
) -> Series:
    here = Series(HERE, users.index, dtype="str")
    if mailbox_homes is not None:
        known = joined(users[["guid", "dn", "identity"]], mailbox_homes).set_index("guid")
        here = users["guid"].map(products.exchange(known)).astype("str").fillna(HERE)
    words = Series(Mailbox.NONE.value, users.index, dtype="str")
    words = words.mask(users["mailbox_database"].notna(), here)
    words = words.mask(recipients.remote_mailbox(users), Mailbox.ONLINE.value)
    return words.mask(voice.mailbox_elsewhere(users), Mailbox.ELSEWHERE.value).set_axis(users["guid"])


def _um_dial_plan(um_users: Annotated[DataFrame, "dial_plan_name", "um_here"]) -> Series:
    enabled = um_users[um_users["um_here"]]
    return enabled.set_index("guid")["dial_plan_name"].astype("str").fillna(NOT_KNOWN)
