from __future__ import annotations

import pytest
from pandas import DataFrame

from adinspect import definitions, profile
from adinspect.assess import view_of
from adinspect.errors import ConfigurationError
from adinspect.finding import Target
from adinspect.placement import with_sites
from adinspect.testing import TODAY, table, tables
from adinspect.view import View
from adinspect.visibility import State, Unseen, nothing_hidden, rows

USERS = table("""
    identity | dn                                      | office | line_uri                 | telephone_number
    ada      | CN=ada,OU=Paris,DC=contoso,DC=example   | -      | -                        | -
    bo       | CN=bo,OU=Staff,DC=contoso,DC=example    | PARIS  | -                        | -
    cy       | CN=cy,OU=Staff,DC=contoso,DC=example    | -      | tel:+33199001000;ext=1   | +44 20 7946 0100
    di       | CN=di,OU=Staff,DC=contoso,DC=example    | -      | -                        | 01 99 00 10 01
    eve      | CN=eve,OU=Staff,DC=contoso,DC=example   | -      | -                        | -
    flo      | CN=flo,OU=Staff,DC=contoso,DC=example   | Lyon   | tel:+442079460101        | 01 99 00 10 02
    gus      | CN=gus,OU=Paris2,DC=contoso,DC=example  | -      | -                        | 1001
    hal      | CN=hal,OU=Paris,DC=contoso,DC=example   | London | -                        | -
""")
GROUPS = {
    "groups": table("identity | dn | sam_account_name\nOuter | CN=Outer | Outer\nInner | CN=Inner | Inner"),
    "group_members": table(
        "identity | member\nOuter | CN=Inner\nInner | CN=eve,OU=Staff,DC=contoso,DC=example\nInner | CN=Outer"
    ),
}
WISHES = """
region = "FR"
[[site]]
name = "Paris"
ous = ["ou=paris, DC=contoso,DC=example"]
offices = ["Paris"]
prefixes = ["+33199"]
groups = ["outer"]
home_pool = "pool1.contoso.com"
voice_policy = "National"
[[site]]
name = "London"
offices = ["London"]
prefixes = ["+44"]
um_dial_plan = "London"
"""
POOLS = table("fqdn\npool1.contoso.com")
PLANS = table("name | dn\nLondon | CN=London\nParis | CN=Paris")


def seen(wishes: str = WISHES, visibility: DataFrame | None = None, **written: DataFrame) -> View:
    whole = tables(**{"users": USERS, "pools": POOLS, "dial_plans": PLANS, **GROUPS, **written})
    unseen = nothing_hidden() if visibility is None else visibility
    read = profile.load(definitions.parse(wishes, "voice.toml"))
    return view_of(whole, unseen, target=Target.UM_LYNC, today=TODAY, profile=read)


def placed(view: View) -> dict[str, str | None]:
    users = view.tables["users"]
    return {name: site for name, site in zip(users["identity"], users["site"], strict=True) if isinstance(site, str)}


def test_a_user_is_where_unit_office_number_or_nested_group_says() -> None:
    users = seen().tables["users"].set_index("identity")
    assert placed(seen()) == dict.fromkeys(("ada", "bo", "cy", "di", "eve"), "Paris") | {"flo": "London"}
    problems = users["site_problem"].dropna()
    assert list(problems.index) == ["hal"]
    assert "is at several sites of the profile (Paris, London)" in problems["hal"]


def test_without_a_region_a_number_without_country_code_places_nobody() -> None:
    assert "di" not in placed(seen(WISHES.replace('region = "FR"', "")))


def test_without_sites_nobody_is_placed_and_nothing_is_unknown() -> None:
    unseen = rows(("users", "office", None, State.UNREADABLE, "not shown"), ("groups", "", None, State.INCOMPLETE, "cut off"))
    view = seen("", unseen)
    assert placed(view) == {}
    assert ("users", "site") not in view.unseen.columns


@pytest.mark.parametrize(
    ("hidden", "known"),
    [
        (("users", "office", "users-0", State.UNREADABLE, "closed"), "of one"),
        (("users", "telephone_number", None, State.UNREADABLE, "not shown"), "of nobody"),
        (("users", "line_uri", None, State.NO_SCHEMA, "no Lync"), "of all"),
        (("users", "city", None, State.UNREADABLE, "not shown"), "of all"),
        (("group_members", "member", "groups-1", State.UNREADABLE, "closed"), "of nobody"),
        (("group_members", "", None, State.INCOMPLETE, "cut off"), "of nobody"),
    ],
)
def test_what_was_not_seen_leaves_a_site_unknown(hidden: tuple[str, str, str | None, State, str], known: str) -> None:
    unseen = seen(visibility=rows(hidden)).unseen
    cells, column = unseen.cells.get(("users", "site"), frozenset()), ("users", "site") in unseen.columns
    assert (column, set(cells)) == {"of all": (False, set()), "of one": (False, {"users-0"}), "of nobody": (True, set())}[known]


@pytest.mark.parametrize(
    ("wishes", "line", "said"),
    [
        (WISHES.replace("pool1", "pool2"), 9, "home_pool is 'pool2.contoso.com', which pools does not have: say one of pool1"),
        (WISHES.replace('"London"\n', '"london"\n', -1), 15, "um_dial_plan is 'london', .* say one of London, Paris"),
        (WISHES.replace("outer", "Nobody"), 8, "no group has the name 'Nobody'"),
        (WISHES + 'um_mailbox_policy = "Paris"', 16, "belongs to UM dial plan 'Paris'"),
        (WISHES + 'lync_dial_plan = "London"', 16, "which cs_dialplans does not have: say one of Lyon"),
    ],
)
def test_a_name_that_the_forest_does_not_have_is_a_mistake_in_the_profile(wishes: str, line: int, said: str) -> None:
    policies = table("name | dial_plan\nParis | CN=Paris")
    with pytest.raises(ConfigurationError, match=said) as error:
        seen(wishes, mailbox_policies=policies, cs_dialplans=table("scope\nGlobal\nTag:Lyon\nSite:London"))
    assert error.value.where == f"voice.toml, line {line}"


def test_a_name_is_not_called_wrong_where_not_all_names_were_seen() -> None:
    wishes = WISHES.replace("pool1", "pool2")
    for hidden in (
        ("pools", "", None, State.INCOMPLETE, "cut off"),
        ("pools", "fqdn", None, State.UNREADABLE, "not shown"),
        ("pools", "fqdn", "pools-0", State.UNREADABLE, "closed"),
    ):
        assert placed(seen(wishes, rows(hidden)))
    assert placed(seen(wishes, pools=POOLS[:0]))


def test_the_columns_are_there_before_anybody_asks() -> None:
    whole = tables(users=USERS)
    users, unknown = with_sites(whole, Unseen.of(nothing_hidden()), profile.Profile())
    assert (list(users["site"].isna()), len(unknown)) == ([True] * len(USERS), 0)
