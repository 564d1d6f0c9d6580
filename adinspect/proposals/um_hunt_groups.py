"""CSVs that remove UM hunt groups which lead nowhere, and create those by which Lync reaches a UM dial plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pandas import DataFrame, Series

from adinspect import topology
from adinspect.proposals import proposes, reviewed, sent
from adinspect.step import KEY, RULES, WHY

REMOVE, NEW = "09_um_huntgroup_remove", "11_um_huntgroup_new"

NOTHING_LEADS, NOT_THERE, ASTRAY = "HG-001", "DP-006", "HG-003"
"""The rules that find hunt groups that lead nowhere, UM dial plans no hunt group leads to, and Lync gateways without one."""


@proposes(REMOVE)
def um_huntgroup_remove(
    hunt_groups: Annotated[DataFrame, "gateway", "dial_plan"], findings: Annotated[DataFrame, "rule", "csv", "waived"]
) -> DataFrame:
    """Whatever leads to no UM dial plan that exists; of any other hunt group a person decides, for calls may come by it."""
    orphaned = sent(hunt_groups, findings, REMOVE, NOTHING_LEADS)
    rows = hunt_groups[["guid"]].assign(Identity=hunt_groups["guid"])
    leads = "leads to a UM dial plan: calls may come by it, and end when it is removed"
    told = reviewed(rows, {"Identity": {leads: ~orphaned}})
    return told.assign(Identity=hunt_groups["guid"])


@proposes(NEW, unasked=True)
def um_huntgroup_new(
    gateways: Annotated[DataFrame, "address"],
    findings: Annotated[DataFrame, "guid", "rule", "csv", "waived"],
    pools: Annotated[DataFrame, "fqdn"],
    hunt_groups: Annotated[DataFrame, "name", "gateway", "pilot", "dial_plan"],
    dial_plans: Annotated[DataFrame, "name", "uri_type", "phone_context"],
) -> DataFrame:
    """One hunt group from the gateway of each Lync pool into each SIP URI UM dial plan, where a finding misses it.

    It is named after the UM dial plan, and its pilot identifier is the first label of the plan's phone context, as ExchUcUtil
    does it. Which gateway belongs to a UM dial plan of another type nobody can tell.
    """
    pairs = missing(gateways, findings, pools, hunt_groups, dial_plans)
    label = pairs["phone_context"].str.replace(r"\.(?s:.*)", "", regex=True)
    rows = DataFrame(
        {
            "guid": pairs["guid"],
            KEY: pairs["plan_guid"],
            "Name": pairs["plan_name"],
            "UMDialPlan": pairs["plan_guid"],
            "UMIPGateway": pairs["guid"],
            "PilotIdentifier": label,
            RULES: pairs["rules"],
            WHY: "From UM IP gateway " + pairs["identity"] + " to UM dial plan " + pairs["plan_identity"] + ".",
        }
    ).astype(object)
    staying = hunt_groups[~sent(hunt_groups, findings, REMOVE, NOTHING_LEADS)]
    return reviewed(
        rows,
        {
            "PilotIdentifier": {
                "the UM dial plan has no phone context": label.isna(),
                "the pilot identifier is that of another hunt group on the gateway: ": _taken(pairs, label, staying, "pilot"),
            },
            "Name": {
                "a hunt group of the gateway has that name already: ": _taken(pairs, pairs["plan_name"], staying, "name"),
            },
        },
    )


def missing(
    gateways: DataFrame, findings: DataFrame, pools: DataFrame, hunt_groups: DataFrame, dial_plans: DataFrame
) -> DataFrame:
    """Each gateway of a Lync pool and each SIP URI plan between which a finding misses a hunt group, and the `rules` that do."""
    plans = topology.sip_uri_plans(dial_plans)
    lync = topology.lync_gateways(gateways, pools)
    there = set(zip(hunt_groups["gateway"], hunt_groups["dial_plan"], strict=True))
    lonely = set(plans.loc[sent(plans, findings, NEW, NOT_THERE), "guid"])
    orphans = hunt_groups[sent(hunt_groups, findings, NEW, NOTHING_LEADS)]
    found = {
        ASTRAY: set(lync.loc[sent(lync, findings, NEW, ASTRAY), "guid"]),
        NOTHING_LEADS: set(lync.loc[lync["dn"].isin(orphans["gateway"]), "guid"]),
    }
    told = [
        {
            **gateway,
            **{f"plan_{name}": plan[name] for name in ("guid", "dn", "identity", "name")},
            "phone_context": plan["phone_context"],
            "rules": rules,
        }
        for gateway in lync.to_dict("records")
        for plan in plans.to_dict("records")
        if (gateway["dn"], plan["dn"]) not in there and (rules := tuple(_rules(gateway, plan, lonely, found)))
    ]
    columns = ["guid", "dn", "identity", "plan_guid", "plan_dn", "plan_identity", "plan_name", "phone_context", "rules"]
    frame = DataFrame(told, columns=columns)
    return frame.astype({name: gateways["dn"].dtype for name in columns if name != "rules"})


def _rules(gateway: dict[Any, Any], plan: dict[Any, Any], lonely: set[str], found: dict[str, set[str]]) -> Iterator[str]:
    if plan["guid"] in lonely:
        yield NOT_THERE
    yield from (code for code, guids in found.items() if gateway["guid"] in guids)


def _taken(pairs: DataFrame, values: Series, hunt_groups: DataFrame, column: str) -> Series:
    """The other hunt groups on the gateway with that value, there or proposed here, in words; missing where there is none."""
    wanted = zip(pairs["dn"], values.str.lower(), pairs["plan_identity"] + " (proposed here too)", strict=True)
    held = zip(hunt_groups["gateway"], hunt_groups[column].str.lower(), hunt_groups["identity"], strict=True)
    labels: dict[tuple[str, str], list[str]] = {}
    for gateway, value, label in (*(mine := list(wanted)), *held):
        labels.setdefault((gateway, value), []).append(label)
    told = []
    for gateway, value, label in mine:
        others = list(labels[gateway, value])
        others.remove(label)
        told.append(", ".join(others) or None if isinstance(value, str) else None)
    return Series(told, pairs.index, dtype=object)
