from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pandas import DataFrame

from adinspect.profile import Population, Profile
from adinspect.sites import NumberRange, Owner, Ranges, Site
from adinspect.testing import EVERYONE, look, table
from adinspect.visibility import State, rows

LYNC = NumberRange("+33199001000", "+33199001009", Owner.LYNC, site="Paris")
PBX = NumberRange("+33199002000", "+33199002009", Owner.PBX, site="Paris")
PARIS = Site("Paris", offices=("Paris",), um_dial_plan="HQ")
WISHES = replace(EVERYONE, region="FR", ranges=Ranges((LYNC, PBX)), sites=(PARIS,))
FOREST = {
    "dial_plans": table("name | dn | uri_type | phone_context | extension_digits\nHQ | CN=HQ | 3 | HQ.contoso.com | 4"),
    "mailbox_policies": table("name | dial_plan\nHQ | CN=HQ"),
}
HEADER = (
    "identity | dn | object_class | recipient_type | mailbox_database | office | telephone_number | line_uri | private_line"
    " | enterprise_voice | deployment_locator | um_enabled | um_dial_plan\n"
)
COLUMNS = ("line_uri", "source", "extension", "problem", "line_problem", "extension_problem")


def user(name: str, **values: str) -> str:
    defaults = {"office": "Paris", "mailbox_database": "CN=db", "recipient_type": "1", "object_class": "user"}
    said = {"identity": name, "dn": f"CN={name},OU=Staff,DC=contoso,DC=example", **defaults, **values}
    return " | ".join(said.get(column.strip(), "-") for column in HEADER.split("|"))


def users(*lines: str) -> DataFrame:
    return table(HEADER + "\n".join(lines))


def proposed(*lines: str, profile: Profile = WISHES, visibility: DataFrame | None = None, **written: DataFrame) -> dict[str, Any]:
    found = look(
        "proposed_numbers", *COLUMNS, users=users(*lines), profile=profile, visibility=visibility, **{**FOREST, **written}
    )
    plain = found.astype(object).where(found.notna(), None)
    return {row["identity"]: row for row in plain.to_dict("records")}


def lines(*given: str, **options: Any) -> dict[str, tuple[str | None, str | None, str | None]]:
    return {name: (row["line_uri"], row["source"], row["extension"]) for name, row in proposed(*given, **options).items()}


TELEPHONE, RANGE = "telephone number", "range"


def test_a_telephone_number_in_a_range_of_lync_becomes_the_line() -> None:
    found = lines(user("ada", telephone_number="01 99 00 10 05"), user("bo"))
    assert found == {
        "ada": ("tel:+33199001005", TELEPHONE, "1005"),
        "bo": ("tel:+33199001000", RANGE, "1000"),
    }


def test_where_no_number_is_known_the_problem_is_said_and_none_is_given() -> None:
    said = {
        "of a PBX": ({"telephone_number": "01 99 00 20 05"}, "lies in a range of owner pbx"),
        "of nobody": ({"telephone_number": "+33 1 99 00 30 05"}, "lies in no range of the profile"),
        "abroad": ({"telephone_number": "+44 20 7946 0100"}, "lies in no range of the profile"),
        "wrong": ({"telephone_number": "01 99 00 10 05 06 07"}, "could be called from abroad"),
        "elsewhere": ({"office": "Lyon"}, "is at no site of the profile"),
        "shared": ({"enterprise_voice": "yes", "recipient_type": "4"}, "is not in the population"),
        "room": ({"enterprise_voice": "yes", "recipient_type": "16", "telephone_number": "+33199002006"}, "of owner pbx"),
    }
    found = proposed(*(user(name, **values) for name, (values, _) in said.items()))
    for name, (_, problem) in said.items():
        row = found[name]
        assert (row["line_uri"], row["source"], row["extension"]) == (None, None, None)
        assert problem in row["line_problem"]
        assert row["line_problem"] in row["problem"]


def test_a_shared_mailbox_with_enterprise_voice_may_keep_its_telephone_number() -> None:
    found = lines(user("desk", recipient_type="4", enterprise_voice="yes", telephone_number="+33199001005"))
    assert found == {"desk": ("tel:+33199001005", TELEPHONE, None)}


def test_who_has_a_line_or_is_not_here_wants_none() -> None:
    given = [
        {"line_uri": "tel:+33199001001"},
        {"line_uri": "tel:1001"},
        {"private_line": "tel:+33199001001"},
        {"deployment_locator": "sipfed.online.lync.com"},
        {"object_class": "contact"},
        {"recipient_type": "16"},
    ]
    users = (user(f"u{number}", **values) for number, values in enumerate(given))
    assert proposed(*users, dial_plans=FOREST["dial_plans"][:0]) == {}


def test_a_number_in_use_anywhere_is_not_free() -> None:
    wishes = replace(WISHES, ranges=Ranges((replace(LYNC, end="+33199001099"),)))
    in_use = {
        "contacts": table("""
            identity | line_uri         | private_line           | telephone_number
            fax      | tel:+33199001000 | -                      | -
            door     | -                | tel:+33199001001;ext=7 | -
            lift     | -                | -                      | 0199001002
            desk     | -                | -                      | 1003
            lobby    | tel:1004         | -                      | -
            both     | -                | -                      | 01 99 00 10 05 / 06
        """),
        "contact_proxy_addresses": table("identity | address\nfax | eum:+33199001006;phone-context=HQ.contoso.com"),
        "dial_plan_numbers": table("identity | number\nHQ | +33199001007"),
        "auto_attendants": table("identity | dial_plan\nDesk | CN=HQ"),
        "auto_attendant_numbers": table("identity | number\nDesk | +33199001008"),
        "teams_numbers": table("number | number_type\n+33199001009 | CallingPlan"),
        "teams_users": table("user | line_uri\n1 | tel:+33199001010"),
        "cs_users": table("user | line_uri | private_line\nCN=x | tel:+33199001011 | tel:+33199001012"),
        "cs_rgs": table("workflow | line_uri\nx | tel:+33199001013;ext=1"),
        "cs_analog": table("device | display_number\nx | +33 1 99 00 10 14"),
        "cs_cap": table("phone | line_uri\nx | tel:0199001015"),
        "cs_exumcontacts": table("contact | line_uri\nx | tel:+33199001016"),
        "cs_callpark": table("orbit | start | end\nx | +33199001017 | +33199001019\ny | #10 | #19"),
        "carrier_numbers": table("start | end\n+33199001000 | +33199001019\n+33199001021 | +33199001099"),
    }
    assert lines(user("ada"), profile=wishes, **in_use)["ada"] == ("tel:+33199001021", RANGE, "1021")


def test_an_internal_number_takes_one_away_only_where_it_could_be_of_the_same_site() -> None:
    london = Site("London", offices=("London",))
    wishes = replace(WISHES, sites=(PARIS, london))
    assert (
        lines(user("ada"), user("bo", office="London", telephone_number="1000"), profile=wishes)["ada"][0] == "tel:+33199001000"
    )
    assert lines(user("ada"), user("bo", telephone_number="1000"), profile=wishes)["ada"][0] == "tel:+33199001001"


def test_a_telephone_number_that_somebody_else_shows_becomes_nobodys_line() -> None:
    spelt = ["01 99 00 10 05", "+33 1 99 00 10 05", "01 99 00 10 06", "0033199001006", "01 99 00 10 07", "01 99 00 10 07 x3"]
    found = lines(*(user(f"u{number}", telephone_number=text) for number, text in enumerate(spelt)))
    assert [source for _, source, _ in found.values()] == [RANGE] * 6
    assert not {f"tel:+3319900100{digit}" for digit in (5, 6, 7)} & {line for line, _, _ in found.values()}


def test_without_a_region_a_number_without_country_code_still_takes_one_away() -> None:
    wishes = replace(WISHES, region="")
    found = lines(
        user("ada", telephone_number="+33199001000"), user("bo", telephone_number="0199001000"), user("cy"), profile=wishes
    )
    assert found["ada"] == ("tel:+33199001001", RANGE, "1001")
    assert found["bo"] == (None, None, None)
    assert found["cy"] == ("tel:+33199001002", RANGE, "1002")


def test_what_all_carriers_do_not_have_is_not_proposed() -> None:
    row = proposed(
        user("ada", telephone_number="+33199001005"), carrier_numbers=table("start | end\n+33199002000 | +33199002009")
    )["ada"]
    assert "lies in no range of the carrier" in row["line_problem"]


def test_numbers_are_given_in_the_order_of_site_name_and_guid_and_never_twice() -> None:
    given = [user(name) for name in ("cy", "Bo", "ada")]
    assert lines(*given) == {
        "ada": ("tel:+33199001000", RANGE, "1000"),
        "Bo": ("tel:+33199001001", RANGE, "1001"),
        "cy": ("tel:+33199001002", RANGE, "1002"),
    }


def test_when_nothing_is_free_any_more_the_last_ones_are_told() -> None:
    found = proposed(*(user(f"u{number:02}") for number in range(11)))
    assert len({row["line_uri"] for row in found.values()} - {None}) == 10
    assert "no number of the ranges of site Paris is free" in found["u10"]["line_problem"]
    assert "without a line" in found["u10"]["extension_problem"]


@pytest.mark.parametrize(
    ("ranges", "sites", "said"),
    [
        ((PBX,), (PARIS,), "no [[range]] of site Paris with owner lync"),
        ((), (), "no [[range]] with owner lync"),
        ((LYNC,), (PARIS, Site("Two", offices=("Paris",))), "at several sites of the profile (Paris, Two)"),
    ],
)
def test_a_user_whose_site_has_no_numbers_gets_none(ranges: tuple[NumberRange, ...], sites: tuple[Site, ...], said: str) -> None:
    row = proposed(user("ada"), profile=replace(WISHES, ranges=Ranges(ranges), sites=sites))["ada"]
    assert row["line_uri"] is None
    assert said in row["line_problem"]


def test_without_sites_every_range_of_lync_serves_everybody() -> None:
    wishes = replace(WISHES, sites=(), ranges=Ranges((replace(LYNC, site=""), replace(PBX, site=""))))
    assert lines(user("ada", office="-"), profile=wishes) == {"ada": ("tel:+33199001000", RANGE, "1000")}


EUM = "identity | address\nada | EUM:ada@contoso.com;phone-context=HQ.contoso.com\nada | eum:{};phone-context={}"
LINED = user("ada", line_uri="tel:+33199001003", um_enabled="yes", um_dial_plan="CN=HQ")


@pytest.mark.parametrize(
    ("extension", "context", "wanted"),
    [
        ("1003", "hq.contoso.com", False),
        ("9999", "HQ.contoso.com", False),
        ("9999", "equal.contoso.com", False),
        ("99999", "HQ.contoso.com", True),
        ("1003", "lab.contoso.com", True),
    ],
)
def test_an_extension_is_wanted_by_who_has_none_in_the_plan_they_are_to_be_in(extension: str, context: str, wanted: bool) -> None:
    found = lines(
        LINED,
        proxy_addresses=table(EUM.format(extension, context)),
        dial_plan_equivalents=table("identity | phone_context\nHQ | Equal.contoso.com"),
    )
    assert found == ({"ada": (None, None, "1003")} if wanted else {})


def test_an_extension_follows_from_the_line() -> None:
    given = {
        "tel:+33199001003": "1003",
        "tel:+33199001004;ext=4711": "4711",
        "tel:+33199001005;ext=5": "1005",
        "tel:+442079460100": "0100",
    }
    found = lines(*(user(line, line_uri=line) for line in given))
    assert found == {line: (None, None, extension) for line, extension in given.items()}


def test_a_range_says_which_extensions_its_numbers_have() -> None:
    wishes = replace(WISHES, ranges=Ranges((replace(LYNC, first_extension="5000"),)))
    assert lines(user("ada", line_uri="tel:+33199001003"), profile=wishes) == {"ada": (None, None, "5003")}
    short = replace(WISHES, ranges=Ranges((replace(LYNC, extension_digits=3),)))
    found = proposed(user("ada", line_uri="tel:+33199001003"), user("bo"), profile=short)
    assert "extensions of 3 digits, UM dial plan HQ of 4" in found["ada"]["problem"]
    assert (found["bo"]["line_uri"], found["bo"]["extension"]) == ("tel:+33199001000", None)
    assert "extensions of 3 digits" in found["bo"]["extension_problem"]


def test_an_extension_in_use_in_the_plan_is_passed_over_and_never_given_to_who_has_the_number() -> None:
    taken = {
        "proxy_addresses": table("identity | address\nzoe | eum:1000;phone-context=HQ.contoso.com"),
        "contacts": table("identity\nfax"),
        "contact_proxy_addresses": table("identity | address\nfax | eum:1001;phone-context=hq.contoso.com"),
        "dial_plan_numbers": table("identity | number\nHQ | 1002"),
        "dial_plans": FOREST["dial_plans"].assign(operator_extension="1003"),
        "auto_attendants": table("identity | dial_plan\nDesk | CN=HQ"),
        "auto_attendant_numbers": table("identity | number\nDesk | 1004"),
    }
    gone = user("zoe", deployment_locator="sipfed.online.lync.com", office="Lyon")
    assert lines(user("ada"), gone, **taken) == {"ada": ("tel:+33199001005", RANGE, "1005")}
    found = proposed(*(user(f"u{number}", line_uri=f"tel:+3319900100{number}") for number in range(5)), gone, **taken)
    for number, holder in enumerate(["zoe", "fax", *["a service of the plan"] * 3]):
        assert found[f"u{number}"]["extension"] is None
        told = f"extension 100{number} is taken in UM dial plan HQ by {holder}: say another one"
        assert found[f"u{number}"]["extension_problem"] == told


def test_a_number_is_passed_over_whose_extension_was_given_to_somebody_of_another_site() -> None:
    london = Site("London", offices=("London",), um_dial_plan="HQ")
    abroad = NumberRange("+442079461000", "+442079461009", Owner.LYNC, site="London")
    wishes = replace(WISHES, sites=(PARIS, london), ranges=Ranges((LYNC, abroad)))
    assert lines(user("ada"), user("bo", office="London"), profile=wishes) == {
        "bo": ("tel:+442079461000", RANGE, "1000"),
        "ada": ("tel:+33199001001", RANGE, "1001"),
    }


def test_an_extension_that_two_would_have_is_given_to_neither_nor_to_anybody_else() -> None:
    found = proposed(user("ada", line_uri="tel:+33199001000"), user("bo", line_uri="tel:+442079461000"), user("cy"), user("di"))
    for name in ("ada", "bo"):
        assert "would be that of others of this plan too" in found[name]["extension_problem"]
    assert [found[name]["extension"] for name in ("cy", "di")] == ["1001", "1002"]


def test_a_user_of_the_population_without_a_known_plan_gets_a_line_and_a_question() -> None:
    plans = table("name | dn | uri_type | phone_context | extension_digits\nA | CN=A | 3 | A.x | 4\nB | CN=B | 3 | B.x | 4")
    wishes = replace(WISHES, sites=(replace(PARIS, um_dial_plan=""),))
    row = proposed(user("ada"), profile=wishes, dial_plans=plans, mailbox_policies=table("name | dial_plan\nA | CN=A\nB | CN=B"))[
        "ada"
    ]
    assert (row["line_uri"], row["extension"]) == ("tel:+33199001000", None)
    assert "the UM dial plan is a choice" in row["extension_problem"]


@pytest.mark.parametrize("site", [replace(PARIS, um_dial_plan=""), replace(PARIS, um_dial_plan="", um_mailbox_policy="HQ")])
def test_the_plan_is_that_of_the_policy_where_the_site_names_none(site: Site) -> None:
    assert lines(user("ada"), profile=replace(WISHES, sites=(site,))) == {"ada": ("tel:+33199001000", RANGE, "1000")}


@pytest.mark.parametrize("values", [{"mailbox_database": "-"}, {"mailbox_database": "-", "recipient_type": "2147483648"}])
def test_who_has_no_mailbox_here_wants_no_extension(values: dict[str, str]) -> None:
    assert lines(user("ada", **values)) == {"ada": ("tel:+33199001000", RANGE, None)}


@pytest.mark.parametrize(
    ("hidden", "line", "extension"),
    [
        (("contacts", "line_uri", "contacts-0", State.UNREADABLE, "closed"), False, False),
        (("contacts", "", None, State.INCOMPLETE, "cut off"), False, False),
        (("auto_attendant_numbers", "", None, State.INCOMPLETE, "cut off"), False, False),
        (("proxy_addresses", "address", "users-1", State.UNREADABLE, "closed"), False, False),
        (("dial_plans", "phone_context", None, State.UNREADABLE, "not shown"), True, False),
        (("dial_plans", "", None, State.INCOMPLETE, "cut off"), True, False),
        (("users", "city", None, State.UNREADABLE, "not shown"), True, True),
    ],
)
def test_while_something_was_not_seen_nothing_is_called_free(
    hidden: tuple[str, str, str | None, State, str], line: bool, extension: bool
) -> None:
    found = proposed(
        user("ada", telephone_number="+33199001005"), user("bo"), visibility=rows(hidden), contacts=table("identity\nfax")
    )
    assert {(row["line_uri"] is not None, row["extension"] is not None) for row in found.values()} == {(line, extension)}
    if not line:
        assert "not everything that could hold it was seen" in found["bo"]["line_problem"]
    if not extension:
        assert found["ada"]["extension_problem"]


def test_a_user_of_whom_something_was_not_seen_has_no_row() -> None:
    hidden = rows(("users", "mailbox_database", "users-0", State.UNREADABLE, "closed"))
    assert list(proposed(user("ada"), user("bo"), visibility=hidden)) == ["bo"]


def _forest(chance: random.Random) -> dict[str, Any]:
    """A forest in which anybody may have or show any number of two ranges in many spellings, and any extension."""

    def number() -> str:
        return f"+3319900{chance.choice('12')}0{chance.randrange(40):02}"

    def written(e164: str) -> str:
        national = "0" + e164.removeprefix("+33")
        return chance.choice(
            [e164, national, f"{e164[:3]} (0){e164[3]} {e164[4:8]} {e164[8:]}", e164[-4:], f"00{e164[1:]}", f"tel:{e164}"]
        )

    def line(e164: str) -> str:
        return chance.choice(
            [f"tel:{e164}", f"tel:{e164};ext={e164[-4:]}", f"tel:0{e164[3:]}", f"tel:{e164[-4:]}", f"TEL:{e164}"]
        )

    people, proxies = [], []
    for index in range(50):
        values = {"office": chance.choice(["Paris", "London", "Lyon"])}
        if chance.random() < 0.5:
            values["telephone_number"] = written(number())
        if chance.random() < 0.3:
            values["line_uri"] = line(number())
        if chance.random() < 0.1:
            values["private_line"] = line(number())
        if chance.random() < 0.1:
            values["deployment_locator"] = "sipfed.online.lync.com"
        if chance.random() < 0.3:
            context = chance.choice(["HQ", "hq", "Lab"])
            proxies.append(f"u{index:02} | eum:{number()[-4:]};phone-context={context}.contoso.com")
        people.append(user(f"u{index:02}", **values))
    contacts = [
        f"c{index} | {chance.choice([line(number()), '-'])} | {chance.choice([written(number()), '-'])}" for index in range(6)
    ]
    chance.shuffle(people)
    return {
        "users": users(*people),
        "proxy_addresses": table("identity | address\n" + "\n".join([*proxies, "u00 | SMTP:u00@contoso.com"])),
        "contacts": table("identity | line_uri | telephone_number\n" + "\n".join(contacts)),
        "dial_plan_numbers": table(f"identity | number\nHQ | {number()}"),
        "auto_attendants": table("identity | dial_plan\nDesk | CN=HQ"),
        "auto_attendant_numbers": table(f"identity | number\nDesk | {number()}\nDesk | {number()[-4:]}"),
        "teams_numbers": table(f"number | number_type\n{number()} | DirectRouting"),
        **FOREST,
    }


def _told(forest: dict[str, Any]) -> Iterator[str]:
    """Every text of the forest that could stand for a number."""
    for name, columns in (
        ("users", ("telephone_number", "line_uri", "private_line")),
        ("contacts", ("line_uri", "telephone_number")),
        ("dial_plan_numbers", ("number",)),
        ("auto_attendant_numbers", ("number",)),
        ("teams_numbers", ("number",)),
    ):
        for column in columns:
            yield from forest[name][column].dropna()


@pytest.mark.parametrize("seed", range(6))
def test_in_no_forest_does_a_proposal_meet_what_is_in_use_or_another_proposal(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a forest that can be made again
    forest = _forest(chance)
    wishes = replace(
        WISHES,
        population=Population(base_dns=("DC=contoso,DC=example",)),
        region=chance.choice(["FR", ""]),
        sites=(PARIS, Site("London", offices=("London",), um_dial_plan="HQ")),
        ranges=Ranges(
            (
                NumberRange(
                    "+33199001000", "+33199001039", Owner.LYNC, site="Paris", first_extension=chance.choice(["", "1000"])
                ),
                NumberRange("+33199002000", "+33199002039", Owner.LYNC, site="London"),
            )
        ),
    )
    found = look("proposed_numbers", *COLUMNS, profile=wishes, **forest)
    again = look("proposed_numbers", *COLUMNS, profile=wishes, **{**forest, "users": forest["users"][::-1]})
    key = ["identity", *COLUMNS]
    sites = forest["users"].set_index("identity")["office"]
    given = found[found["line_uri"].notna()]
    assert len(given), "the forest proves nothing"
    assert given["line_uri"].is_unique
    digits = ["".join(filter(str.isdecimal, text.replace("(0)", "").partition(";")[0])).lstrip("0") for text in _told(forest)]
    for row in given.itertuples():
        number = row.line_uri.removeprefix("tel:+")
        held = [text for text in digits if len(text) >= 7 and number.endswith(text)]
        assert len(held) == (row.source == TELEPHONE), row
        assert row.source == TELEPHONE or number[7] == {"Paris": "1", "London": "2"}[sites[row.identity]]
    extensions = found.loc[found["extension"].notna(), "extension"]
    assert extensions.is_unique
    in_plan = forest["proxy_addresses"]["address"].str.lower().str.extract(r"^eum:(\d+);phone-context=hq\.")[0].dropna()
    assert not set(extensions) & {*in_plan, *forest["auto_attendant_numbers"]["number"]}
    unsorted = again[key].sort_values("identity", ignore_index=True)
    assert unsorted.equals(found[key].sort_values("identity", ignore_index=True))
