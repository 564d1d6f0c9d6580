"""The safety rules of the bulk CSVs, held against whatever CSV of whatever target there is, over forests made at random."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from random_forests import ONLINE, Planned, planned

from adinspect import addresses, bulk, delivery, rollback, step, voice
from adinspect.bulk_csv import Kind
from adinspect.finding import Target
from adinspect.gates import Gate
from adinspect.gates import of as gates_of

SEEDS = (0, 1, 11)
HYBRID = 7
"""A hybrid forest without teams-users.csv."""
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4000-9000-[0-9a-f]{12}")
OF_USERS_HERE = ("20", "21", "22", "23", "24", "25", "29", "30", "31", "32")
OF_TEAMS = ("41", "42", "43", "44", "45", "46", "47")

Row = dict[str, Any]


@pytest.fixture(params=SEEDS)
def forest(request: pytest.FixtureRequest) -> dict[Target, Planned]:
    """A forest made at random, as each target plans it."""
    return {target: planned(request.param, target) for target in Target}


def online(made: Planned) -> set[str]:
    users = made.view.tables["users"]
    return set(users.loc[voice.online(users), "guid"])


def rows_of(made: Planned) -> Iterator[tuple[str, Row]]:
    for name, rows in made.plan.rows.items():
        yield from ((name, row) for row in rows.to_dict("records"))


# ---- who a file may hold


def test_a_user_homed_online_stands_in_no_file_of_users_here_and_nobody_else_in_those_of_users_there(
    forest: dict[Target, Planned],
) -> None:
    for made in forest.values():
        there = online(made)
        assert {name for name, row in made.kept(*OF_USERS_HERE, "40", "48") if row[step.GUID] in there} == set()
        assert {name for name, row in made.kept("26", "41", "46", "47") if row[step.GUID] not in there} == set()


def test_a_file_of_users_here_says_so_itself() -> None:
    """So that a person's word cannot put one in either: what a definition bars, nobody approves."""
    for name, definition in bulk.shipped().items():
        expected = (
            "here" if name[:2] in (*OF_USERS_HERE, "40", "48") else "online" if name[:2] in ("26", "41", "46", "47") else ""
        )
        assert definition.homed == expected, name


def test_whom_a_bar_keeps_out_no_approval_puts_in(forest: dict[Target, Planned]) -> None:
    for made in forest.values():
        there = online(made)
        for name, row in rows_of(made):
            if row[step.GUID] in there and name[:2] in OF_USERS_HERE:
                assert "is homed online" in row[step.BAR], name


def test_a_hybrid_forest_enables_nobody_of_whom_teams_does_not_say_that_no_home_is_there(forest: dict[Target, Planned]) -> None:
    for target, made in forest.items():
        enable = [row for name, row in rows_of(made) if name.startswith("20")]
        homes = made.view.tables.get("teams_users")
        known = set() if homes is None else set(homes.loc[homes["hosting_provider"].fillna("SRV:").str.lower() == "srv:", "upn"])
        users = made.view.tables["users"].set_index("guid")
        assert online(made), "every forest here is hybrid"
        for row in enable:
            if users.loc[row[step.GUID], "upn"] not in known:
                assert row["RegistrarPool"] == step.REVIEW, (target, row)
                assert "the forest is hybrid" in row[step.REASON] or "was not seen" in row[step.REASON]


def test_without_teams_users_a_hybrid_forest_has_only_questions_in_file_20() -> None:
    made = planned(HYBRID, Target.UM_LYNC)
    assert "teams_users" not in made.view.tables
    enable = made.plan.rows["20_cs_user_enable"]
    assert set(enable["RegistrarPool"]) == {step.REVIEW}
    assert list(made.kept("20")) == []


# ---- lists


def test_no_file_overwrites_a_list() -> None:
    """A cmdlet that makes an object gives it its first list; one that changes an object adds to it and removes from it."""
    for definition in (*bulk.shipped().values(), *map(rollback.definition, bulk.shipped().values())):
        whole = [column.name for column in definition.parameters if column.kind is Kind.LIST]
        assert not whole or definition.cmdlet == "Enable-UMMailbox", definition.name
        if definition.cmdlet in {"Set-UMService", "Set-UMCallRouterSettings", "Set-Mailbox"}:
            of_lists = {c.name for c in definition.parameters if c.argument() in {"DialPlans", "EmailAddresses"}}
            assert {c.name for c in definition.parameters if c.kind in (Kind.ADD, Kind.REMOVE)} == of_lists, definition.name


def test_only_what_is_there_is_removed_and_the_rollback_gives_it_back(forest: dict[Target, Planned]) -> None:
    for made in forest.values():
        for name, one in made.settled.items():
            definition = one.definition
            for row, back in zip(one.kept.to_dict("records"), rollback.rows(definition, one.kept), strict=True):
                for column in definition.parameters:
                    if column.kind is not Kind.REMOVE or not row[column.name]:
                        continue
                    (owner,) = [c for c in definition.changed if c.argument() == column.argument()]
                    before = row[step.PREVIOUS + owner.name] or ()
                    assert set(row[column.name]) <= set(before), name
                    added, removed = row.get(owner.name) or (), row[column.name]
                    after = (set(before) - set(removed)) | set(added)
                    again = (after - set(back[column.name] or ())) | set(back[owner.name] or ())
                    assert again == set(before), name


# ---- gateways


def test_no_row_about_gateways_leaves_a_um_dial_plan_without_one_that_places_its_calls(forest: dict[Target, Planned]) -> None:
    assert not silenced(forest[Target.UM_LYNC])


def test_nor_where_each_gateway_is_the_only_one_of_some_um_dial_plan() -> None:
    made = planned(0, Target.UM_LYNC, crossed=True)
    assert not silenced(made)
    alone = [row for name, row in rows_of(made) if name[:2] == "10" and "without it no gateway would place" in row[step.REASON]]
    assert alone, "a gateway was to be turned off, and is not, for a UM dial plan that no other one places calls of"


def silenced(made: Planned) -> set[str]:
    """The UM dial plans that a gateway places calls of, and none would any more once the kept rows were run."""
    tables = made.view.tables
    gateways = tables["gateways"].set_index("dn")
    calls = dict(zip(gateways["guid"], gateways["outgoing_calls_allowed"] & (gateways["status"].fillna(0) == 0), strict=True))
    groups = {
        row.guid: (gateways.loc[row.gateway, "guid"], row.dial_plan)
        for row in tables["hunt_groups"].itertuples()
        if row.gateway in gateways.index
    }
    now = {there for gateway, there in groups.values() if calls[gateway]}
    for _, row in made.kept("09"):
        del groups[row[step.GUID]]
    for _, row in made.kept("10"):
        if row["OutcallsAllowed"] is not None:
            calls[row[step.GUID]] = row["OutcallsAllowed"]
    then = {there for gateway, there in groups.values() if calls[gateway]}
    return (now & set(tables["dial_plans"]["dn"])) - then


def test_no_gateway_that_leads_to_a_um_dial_plan_without_encryption_is_given_the_port_of_tls(
    forest: dict[Target, Planned],
) -> None:
    made = forest[Target.UM_LYNC]
    tables = made.view.tables
    plain = tables["dial_plans"][~tables["dial_plans"]["voip_security"].isin([1, 3])]
    dns = dict(zip(tables["gateways"]["guid"], tables["gateways"]["dn"], strict=True))
    led = {
        (gateway, there)
        for gateway, there in zip(tables["hunt_groups"]["gateway"], tables["hunt_groups"]["dial_plan"], strict=True)
    }
    plans = dict(zip(plain["guid"], plain["dn"], strict=True))
    led |= {(dns[row["UMIPGateway"]], plans.get(row["UMDialPlan"])) for _, row in made.kept("11")}
    for _, row in made.kept("10"):
        if row["Port"] == "5061":
            assert {there for gateway, there in led if gateway == dns[row[step.GUID]]} & set(plain["dn"]) == set()


def test_no_um_dial_plan_is_encrypted_that_anything_of_the_plan_leads_to_what_does_not_listen_for_tls(
    forest: dict[Target, Planned],
) -> None:
    made = forest[Target.UM_LYNC]
    tables = made.view.tables
    dns = dict(zip(tables["dial_plans"]["guid"], tables["dial_plans"]["dn"], strict=True))
    secured = {dns[row[step.GUID]] for _, row in made.kept("14") if row["VoIPSecurity"] == "Secured"}
    for file, table, links in (("12", "servers", "server_dial_plans"), ("13", "call_routers", "call_router_dial_plans")):
        deaf = set(tables[table].loc[(tables[table]["startup_mode"] != 2).fillna(True), "guid"])
        served = {there for guid, there in zip(tables[links]["guid"], tables[links]["dial_plan"], strict=True) if guid in deaf}
        served |= {dns[one] for _, row in made.kept(file) if row[step.GUID] in deaf for one in row["DialPlansAdd"] or ()}
        assert secured & served == set(), file
    gateways = tables["gateways"].set_index("guid")
    off = set(gateways.index[~gateways["port"].fillna(0).isin([0, 5061]) | gateways["address"].str.match(r"[0-9.]+$")])
    dn = gateways["dn"].to_dict()
    named = zip(tables["hunt_groups"]["gateway"], tables["hunt_groups"]["dial_plan"], strict=True)
    reached = {there for gateway, there in named if gateway in {dn[one] for one in off}}
    reached |= {dns[row["UMDialPlan"]] for _, row in made.kept("11") if row["UMIPGateway"] in off}
    assert secured & reached == set()


# ---- gates


def test_file_40_has_no_row_and_is_not_written_while_a_gate_stands(forest: dict[Target, Planned]) -> None:
    for target, made in forest.items():
        standing = gates_of(made.view)
        stands = standing["state"].isin([Gate.STANDS, Gate.UNJUDGED]).any()
        gated = {name for name, one in made.settled.items() if one.definition.gated}
        assert gated == ({"40_cs_user_move"} if target is Target.TEAMS_PHONE else set())
        if stands:
            assert [row for _, row in made.kept("40", "48")] == []
            names = {name for name, _ in delivery._files(list(made.settled.values()))}
            assert not {name for name in names if name.startswith(("40", "90_40")) and not name.endswith(".rejected.csv")}


# ---- identities


def test_no_identity_in_teams_could_be_that_of_another_object(forest: dict[Target, Planned]) -> None:
    made = forest[Target.TEAMS_PHONE]
    tables = made.view.tables
    names: list[tuple[str, str]] = []
    for table, columns in (("users", ("upn", "sip_address")), ("contacts", ("sip_address",))):
        for column in columns:
            held = tables[table].dropna(subset=column)
            names += zip(held["guid"], addresses.without_scheme(held[column]), strict=True)
    proxies = tables["proxy_addresses"]
    proxies = proxies[proxies["address"].str.lower().str.startswith("sip:")]
    names += zip(proxies["guid"], addresses.without_scheme(proxies["address"]), strict=True)
    given: dict[tuple[str, str], set[str]] = {}
    signs_in = tables["users"].set_index("guid")["upn"].str.lower()
    for name, row in made.kept(*OF_TEAMS):
        identity, guid = row["Identity"].lower(), row[step.GUID]
        given.setdefault((name, identity), set()).add(guid)
        if IDENTIFIER.fullmatch(identity):
            accounts = [tables[one] for one in ("teams_users", "m365_users") if one in tables]
            shown = {
                upn.lower() for one in accounts for user, upn in zip(one["user"], one["upn"], strict=True) if user == identity
            }
            assert shown == {signs_in[guid]}, name
        assert Counter(signs_in)[signs_in[guid]] == 1, name
        if not IDENTIFIER.fullmatch(identity):
            assert {of for of, told in names if told.lower() == identity} <= {guid}, name
    assert all(len(guids) == 1 for guids in given.values())


def test_no_identity_has_a_wildcard_or_is_a_name_that_people_share(forest: dict[Target, Planned]) -> None:
    for made in forest.values():
        for name, row in made.kept():
            definition = bulk.shipped()[name]
            key = row[definition.key]
            if name[:2] in ("09", "10", "12", "13", "14", "29", "30", "31", "32"):
                assert re.fullmatch(bulk.OBJECT_GUID, key), name
            elif name[:2] in ("20", "21", "22", "23", "24", "25", "26", "40"):
                assert key == row[step.DN], name
            assert "*" not in key, name


# ---- what one alone may hold


def stays(made: Planned) -> Iterator[tuple[str, str]]:
    """Each SIP address, number and EUM address that somebody has and no row that is run takes away, with the guid."""
    tables, users = made.view.tables, made.view.tables["users"]
    cleared = {row[step.GUID] for _, row in made.kept("26")}
    for guid, sip, line in users[["guid", "sip_address", "line_uri"]].itertuples(index=False):
        if isinstance(sip, str):
            yield sip.lower(), guid
        if isinstance(line, str) and guid not in cleared:
            yield line.lower(), guid
    disabled = {row[step.GUID] for _, row in made.kept("29")}
    removed = {(row[step.GUID], one.lower()) for _, row in made.kept("32") for one in row["Remove"] or ()}
    for guid, address in tables["proxy_addresses"][["guid", "address"]].itertuples(index=False):
        if address.lower().startswith("eum:") and guid not in disabled and (guid, address.lower()) not in removed:
            yield address.lower(), guid


def comes(made: Planned) -> Iterator[tuple[str, str]]:
    """Each SIP address, number and EUM address that a row that is run gives to somebody, with the guid."""
    plans, policies = made.view.tables["dial_plans"], made.view.tables["mailbox_policies"].set_index("guid")["dial_plan"]
    context = dict(zip(plans["dn"], plans["phone_context"].str.lower(), strict=True))
    for _, row in made.kept("20"):
        yield row["SipAddress"].lower(), row[step.GUID]
    for _, row in made.kept("21"):
        yield row["LineURI"].lower(), row[step.GUID]
    for _, row in made.kept("41"):
        yield f"tel:{row['PhoneNumber']}".lower(), row[step.GUID]
    for _, row in made.kept("30"):
        for one in (*row["Extensions"], row["SIPResourceIdentifier"]):
            yield f"eum:{one};phone-context={context[policies[row['UMMailboxPolicy']]]}".lower(), row[step.GUID]
    for _, row in made.kept("32"):
        yield from ((one.lower(), row[step.GUID]) for one in row["Add"] or ())


def test_nobody_gets_what_somebody_else_has_or_gets(forest: dict[Target, Planned]) -> None:
    for target, made in forest.items():
        before: dict[str, set[str]] = {}
        for value, guid in stays(Planned(made.view, made.plan, {})):
            before.setdefault(value, set()).add(guid)
        after: dict[str, set[str]] = {}
        for value, guid in (*stays(made), *comes(made)):
            after.setdefault(value, set()).add(guid)
        worse = {value: sorted(guids) for value, guids in after.items() if len(guids) > max(1, len(before.get(value, ())))}
        assert worse == {}, target


# ---- nobody is left without what was taken away


def test_nobody_loses_voice_mail_or_number_without_the_row_that_gives_it_back(forest: dict[Target, Planned]) -> None:
    for target, away, again in (
        (Target.UM_LYNC, "29", "30"),
        (Target.SFB_CLOUD_VOICEMAIL, "29", "25"),
        (Target.TEAMS_PHONE, "26", "41"),
    ):
        lost = {row[step.GUID] for _, row in forest[target].kept(away)}
        assert lost - {row[step.GUID] for _, row in forest[target].kept(again)} == set(), (target, away)


# ---- rows


def test_what_is_kept_and_what_is_rejected_are_all_rows_and_no_kept_cell_is_a_question(forest: dict[Target, Planned]) -> None:
    for made in forest.values():
        for name, one in made.settled.items():
            assert len(one.kept) + len(one.rejected) == len(made.plan.rows[name])
            assert all(one.rejected[step.REASON]) if len(one.rejected) else True
            for row in one.kept.to_dict("records"):
                given = {column.name for column in one.definition.parameters if row[column.name] is not None}
                cells = given | {step.PREVIOUS + c.name for c in one.definition.changed if one.definition.changes(c, row)}
                assert not {step.text(row[cell]).casefold() for cell in cells} & {"#review", "#unknown"}, name
                assert row[step.BAR] == row[step.REASON] == ""


def test_every_step_that_is_ready_is_run(forest: dict[Target, Planned]) -> None:
    for made in forest.values():
        ready = set(made.plan.steps.loc[made.plan.steps["status"] == step.Status.READY, "step"])
        assert ready == {row[step.STEP] for _, row in made.kept()}


def test_the_forests_have_what_the_rules_are_about() -> None:
    """Otherwise a rule would hold because nothing was there to break it."""
    made = [planned(seed, target) for seed in SEEDS for target in Target]
    files = {name[:2] for one in made for name, _ in one.kept()}
    assert files >= {*"09 10 11 12 13 14 20 21 22 23 24 25 26 29 30 31 32 40 41 42 43 44 45 48".split()}
    assert all((one.view.tables["users"]["deployment_locator"] == ONLINE).any() for one in made)
    assert {one.plan.gates.empty for one in made if one.plan.target is Target.TEAMS_PHONE} == {True, False}
    assert any("ambiguous" in row[step.REASON] for one in made for _, row in rows_of(one))
