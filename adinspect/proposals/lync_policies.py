"""CSVs that grant users of Lync / Skype for Business Server the dial plan and voice policy of their site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pandas import DataFrame, Series

from adinspect.membership import among
from adinspect.proposals import everybody, proposes, reviewed
from adinspect.proposals.lync_users import NOT_SUPPLIED, with_voice
from adinspect.step import WHY

TAG = "tag:"
"""Before the name of a policy that can be granted to users, where all are listed; in lower case."""


@proposes("22_cs_dialplan_grant", unasked=True)
def cs_dialplan_grant(
    users: Annotated[DataFrame, "enterprise_voice", "deployment_locator?"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    placements: Annotated[DataFrame, "site", "lync_dial_plan"],
    lync_users: Annotated[DataFrame | None, "dial_plan"],
) -> DataFrame:
    """The Lync dial plan of the site, for users with Enterprise Voice to whom another one or none was granted."""
    rows = _wished(users[with_voice(users, findings)], placements, "lync_dial_plan", lync_users, "dial_plan")
    return reviewed(rows, {"PolicyName": {NOT_SUPPLIED: everybody(rows, lync_users is None)}})


@proposes("23_cs_voicepolicy_grant", unasked=True)
def cs_voicepolicy_grant(
    users: Annotated[DataFrame, "enterprise_voice", "deployment_locator?", "expected"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    placements: Annotated[DataFrame, "site", "voice_policy"],
    lync_users: Annotated[DataFrame | None, "voice_policy"],
    cs_voicepolicies: Annotated[DataFrame | None, "scope", "usages"],
) -> DataFrame:
    """The voice policy of the site, for users with Enterprise Voice to whom none was granted, or one that allows as much.

    Whoever was granted one that allows less was given it on purpose, and so was who is not in the population: a telephone in a
    lobby, say. The wish for a whole site does not take that back.
    """
    rows = _wished(users[with_voice(users, findings)], placements, "voice_policy", lync_users, "voice_policy")
    unexpected = ~among(rows["guid"], users.loc[users["expected"], "guid"])
    doubts = {
        NOT_SUPPLIED: everybody(rows, lync_users is None),
        "is not in the population, and the voice policy of a site would let it call what it may not call now": unexpected,
        "": _more(rows, cs_voicepolicies),
    }
    return reviewed(rows, {"PolicyName": doubts})


def _wished(users: DataFrame, placements: DataFrame, setting: str, lync_users: DataFrame | None, column: str) -> DataFrame:
    """A row for each user whom the profile gives a policy, but for those known to have it; `granted` is what is known of it."""
    at = placements.set_index("guid")
    wish, site = (users["guid"].map(at[one]).astype(object) for one in (setting, "site"))
    granted = None if lync_users is None else users["guid"].map(lync_users.set_index("guid")[column])
    rows = users[["guid"]].assign(
        Identity=users["dn"],
        PolicyName=wish,
        granted=Series(granted, users.index, dtype=object),
        **{WHY: "The profile gives " + wish + " at site " + site + "."},
    )
    same = named(rows["granted"]) == named(wish)
    return rows[wish.notna() & ~same].reset_index(drop=True)


def named(policies: Series) -> Series:
    """Names of policies as they are compared; missing stays missing."""
    return policies.astype("str").str.lower().str.removeprefix(TAG)


def _more(rows: DataFrame, cs_voicepolicies: DataFrame | None) -> Series:
    """What the policy wished for allows beyond the one that was granted; missing where none was, or it allows nothing more."""
    usages = _usages(cs_voicepolicies)
    pairs = zip(named(rows["PolicyName"]), named(rows["granted"]), rows["granted"], strict=True)
    told = [
        _beyond(usages.get(wish), usages.get(now), str(shown)) if isinstance(now, str) else None for wish, now, shown in pairs
    ]
    return Series(told, rows.index, dtype=object)


def _beyond(wished: frozenset[str] | None, granted: frozenset[str] | None, policy: str) -> str | None:
    if wished is None or granted is None:
        return f"whether it allows more than {policy}, which was granted, is not known: supply cs-voicepolicies.csv with both"
    more = ", ".join(sorted(wished - granted))
    return f"it allows what {policy}, which was granted, does not: {more}" if more else None


def _usages(cs_voicepolicies: DataFrame | None) -> Mapping[str, frozenset[str]]:
    """The PSTN usages of each voice policy that can be granted, by its name in lower case."""
    if cs_voicepolicies is None:
        return {}
    granted = cs_voicepolicies[cs_voicepolicies["scope"].str.lower().str.startswith(TAG)]
    lists = granted["usages"].fillna("").str.split("|")
    return {
        name: frozenset(usage.strip() for usage in usages if usage.strip())
        for name, usages in zip(named(granted["scope"]), lists, strict=True)
    }
