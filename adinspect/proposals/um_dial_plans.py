"""The CSV about UM dial plans: encryption, access numbers that Lync can route, and faxes."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, topology
from adinspect.proposals import any_sent, everybody, proposes, reasons, sent
from adinspect.proposals.um_hunt_groups import NEW
from adinspect.proposals.um_services import ROUTER, ROUTER_LACKS, SERVER_LACKS, SERVICE, TOO_FEW
from adinspect.readings.um_topology import ENCRYPTION, FAXES, NUMBERS, SECURITY
from adinspect.rules.dial_plans import REFUSED
from adinspect.rules.gateways import is_ip
from adinspect.step import KEY, REASON, REVIEW, RULES, WHY

SET = "14_um_dialplan_set"

UNSECURED, SIGNALLING_ALONE, REFUSING, UNROUTABLE, FAX = "DP-002", "DP-003", "DP-004", "DP-008", "DP-014"
"""The rules that find UM dial plans whose encryption, access numbers or faxes do not go together with Lync."""


@proposes(SET, unasked=True)
def um_dialplan_set(
    dial_plans: Annotated[DataFrame, "uri_type", "voip_security", "fax_enabled"],
    findings: Annotated[DataFrame, "guid", "rule", "csv", "waived"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
    servers: Annotated[DataFrame, "um_role", "startup_mode", "certificate_thumbprint"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    call_routers: Annotated[DataFrame, "startup_mode", "certificate_thumbprint"],
    call_router_dial_plans: Annotated[DataFrame, "dial_plan"],
    gateways: Annotated[DataFrame, "address", "port"],
    dial_plan_gateways: Annotated[DataFrame, "dial_plan"],
    pools: Annotated[DataFrame, "fqdn"],
    cs_media: Annotated[DataFrame | None, "encryption_level"],
    region: str,
) -> DataFrame:
    """Secured where everything that serves the plan is ready for it; access numbers as E.164; no faxes, if a person says so."""
    hosts = [(servers, server_dial_plans), (call_routers, call_router_dial_plans)]
    coming = [
        _pairs(servers[sent(servers, findings, SERVICE, SERVER_LACKS)], dial_plans),
        _pairs(servers[servers["um_role"]], dial_plans[sent(dial_plans, findings, SERVICE, TOO_FEW)]),
        _pairs(call_routers[sent(call_routers, findings, ROUTER, ROUTER_LACKS)], dial_plans),
    ]
    linked = topology.lync_gateways(gateways, pools) if any_sent(findings, NEW) else gateways.iloc[:0]
    led = pd.concat([dial_plan_gateways, _pairs(linked, dial_plans)], ignore_index=True)
    doubts = {
        **_service_doubts(dial_plans, hosts, pd.concat(coming)),
        **_gateway_doubts(dial_plans, gateways, led, pools),
        "Lync does not encrypt media somewhere, and would be refused: let it support encryption first": _refusing(
            dial_plans, cs_media
        ),
    }
    rows = [
        _security(dial_plans, findings, doubts),
        _numbers(dial_plans, findings, dial_plan_numbers, auto_attendant_numbers, region),
        _faxes(dial_plans, findings),
    ]
    return pd.concat(rows, ignore_index=True)


def _pairs(hosts: DataFrame, dial_plans: DataFrame) -> DataFrame:
    """Each of these with each UM dial plan (`guid`, `identity`, `dial_plan`): what earlier files may lead to it."""
    return hosts[["guid", "identity"]].merge(dial_plans[["dn"]].set_axis(["dial_plan"], axis="columns"), how="cross")


def _rows(dial_plans: DataFrame, key: str, asked: dict[str, Series]) -> DataFrame:
    """A row for each UM dial plan, nothing changed yet; RULES are those that ask for it."""
    rules = [tuple(code for code, holds in asked.items() if holds[place]) for place in dial_plans.index]
    cells = dict.fromkeys(("VoIPSecurity", "AccessTelephoneNumbersAdd", "AccessTelephoneNumbersRemove", "FaxEnabled"))
    notes = {KEY: key, RULES: rules, WHY: None, REASON: ""}
    return dial_plans[["guid"]].assign(Identity=dial_plans["guid"], **cells, **notes).astype(object)


def _asked(dial_plans: DataFrame, findings: DataFrame, *rules: str) -> dict[str, Series]:
    return {rule: sent(dial_plans, findings, SET, rule) for rule in rules}


def _security(dial_plans: DataFrame, findings: DataFrame, doubts: dict[str, Series]) -> DataFrame:
    asked = _asked(dial_plans, findings, UNSECURED, SIGNALLING_ALONE, REFUSING)
    decision = "is a decision: let Lync support encryption, or say SIPSecured here"
    why = reasons(dial_plans, doubts).mask(asked[REFUSING], decision)
    secured = Series(SECURITY[topology.SECURED], dial_plans.index, dtype=object).mask(why != "", REVIEW)
    rows = _rows(dial_plans, ENCRYPTION, asked).assign(VoIPSecurity=secured, **{REASON: why})
    return rows[rows[RULES].map(bool).astype(bool)]


def _service_doubts(dial_plans: DataFrame, hosts: list[tuple[DataFrame, DataFrame]], coming: DataFrame) -> dict[str, Series]:
    """Which services of each UM dial plan, and which that files 12 and 13 add it to, would not take a call over TLS."""
    unready, serving = [], []
    for host, links in hosts:
        dual = host["startup_mode"].eq(topology.DUAL).fillna(False).astype(bool)
        bare = host[~dual | host["certificate_thumbprint"].isna()]
        unready += [those[those["guid"].isin(bare["guid"])] for those in (links, coming)]
        serving.append(links["dial_plan"])
    named = topology.listed(pd.concat(unready), "identity", dial_plans["dn"], by="dial_plan")
    return {
        "no Exchange server serves it": ~dial_plans["dn"].isin(serving[0]),
        "not in Dual mode with a certificate (12, 13): ": named.set_axis(dial_plans.index),
    }


def _gateway_doubts(
    dial_plans: DataFrame, gateways: DataFrame, dial_plan_gateways: DataFrame, pools: DataFrame
) -> dict[str, Series]:
    """Which gateways of each UM dial plan, those that file 11 leads to it among them, are none of a Lync pool, or without TLS."""
    foreign = gateways[~gateways["guid"].isin(topology.lync_gateways(gateways, pools)["guid"])]
    numeric = Series([isinstance(one, str) and is_ip(one) for one in gateways["address"]], gateways.index, dtype=bool)
    port = ~gateways["port"].fillna(0).isin([0, topology.TLS_PORT]).astype(bool)
    wrong = {
        "has gateways of other systems than Lync, and is never changed unseen: ": foreign,
        "has gateways that are addressed by an IP address, or use another port than 5061 (10): ": gateways[numeric | port],
    }
    return {
        reason: topology.listed(
            dial_plan_gateways[dial_plan_gateways["guid"].isin(those["guid"])], "identity", dial_plans["dn"], by="dial_plan"
        ).set_axis(dial_plans.index)
        for reason, those in wrong.items()
    }


def _refusing(dial_plans: DataFrame, cs_media: DataFrame | None) -> Series:
    return everybody(dial_plans, cs_media is not None and bool((cs_media["encryption_level"].str.lower() == REFUSED).any()))


def _numbers(
    dial_plans: DataFrame, findings: DataFrame, dial_plan_numbers: DataFrame, auto_attendant_numbers: DataFrame, region: str
) -> DataFrame:
    """Access numbers that are international numbers written otherwise, as E.164; what is none a person has to say."""
    asked = _asked(dial_plans, findings, UNROUTABLE)
    rows = _rows(dial_plans, NUMBERS, asked)
    rows = rows[rows[RULES].map(bool).astype(bool)]
    read = addresses.telephone(dial_plan_numbers["number"], region)
    held = dial_plan_numbers.assign(
        e164=read["e164"].where(read["extension"] == ""), right=addresses.matches(dial_plan_numbers["number"], addresses.E164)
    )
    told = [_numbers_of(guid, held, auto_attendant_numbers) for guid in rows["guid"]]
    add, remove, why = zip(*told, strict=True) if told else ((), (), ())
    cells = {"AccessTelephoneNumbersAdd": add, "AccessTelephoneNumbersRemove": remove, REASON: why}
    return rows.assign(**{name: Series(list(those), rows.index, dtype=object) for name, those in cells.items()})


def _numbers_of(
    guid: str, held: DataFrame, auto_attendant_numbers: DataFrame
) -> tuple[tuple[str, ...] | str | None, tuple[str, ...] | None, str]:
    """What is added to and removed from the access numbers of a UM dial plan, and what a person has to say."""
    mine, others = held[held["guid"] == guid], held[held["guid"] != guid]
    if mine.empty:
        return REVIEW, None, "has no access number: say one, make it a contact (OcsUmUtil), and see that it is routed"
    wrong = mine[~mine["right"]]
    elsewhere = {*others["number"], *others["e164"], *auto_attendant_numbers["number"]}
    untold = sorted(wrong.loc[wrong["e164"].isna(), "number"])
    taken = sorted(set(wrong["e164"].dropna()) & elsewhere)
    doubts = [
        *([f"which international number it is cannot be told of {', '.join(untold)}"] if untold else []),
        *([f"{', '.join(taken)} is that of another UM dial plan or auto attendant"] if taken else []),
    ]
    if doubts:
        return REVIEW, None, "; ".join(doubts)
    add = sorted(set(wrong["e164"]) - set(mine["number"]))
    return tuple(add) or None, tuple(sorted(set(wrong["number"]))), ""


def _faxes(dial_plans: DataFrame, findings: DataFrame) -> DataFrame:
    rows = _rows(dial_plans, FAXES, _asked(dial_plans, findings, FAX))
    counted = "somebody counts on faxes, for a UM mailbox policy names a fax server: plan a fax service, then approve"
    return rows[rows[RULES].map(bool).astype(bool)].assign(FaxEnabled=False, **{REASON: counted})
