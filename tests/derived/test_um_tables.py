from __future__ import annotations

import pandas as pd
import pytest

from adinspect.testing import look, table
from adinspect.visibility import State, rows

PLANS = table("""
    identity | dn     | uri_type | phone_context  | extension_digits
    HQ       | CN=HQ  | 3        | HQ.contoso.com | 5
    Old      | CN=Old | 1        | -              | -
    Mute     | CN=Mute| -        | -              | -
""")
POLICIES = table("""
    identity   | dn            | dial_plan
    HQ Policy  | CN=HQ Policy  | CN=HQ
    Old Policy | CN=Old Policy | CN=Old
    Lost       | CN=Lost       | CN=HQ\\0ADEL:1,CN=Deleted Objects
    Free       | CN=Free       | -
""")
COLUMNS = (
    "um_here",
    "plan_found",
    "policy_found",
    "policy",
    "policy_plan",
    "policy_plan_name",
    "dial_plan",
    "dial_plan_name",
    "uri_type",
    "sip_uri",
    "phone_context",
    "extension_digits",
)


def seen(user: str, *columns: str) -> list[object]:
    users = table(f"identity | um_dial_plan | um_mailbox_policy\nada | {user}")
    row = look("um_users", *COLUMNS, users=users, dial_plans=PLANS, mailbox_policies=POLICIES).iloc[0]
    return [None if pd.isna(row[column]) else row[column] for column in columns]


@pytest.mark.parametrize(
    ("links", "plan", "sip_uri"),
    [
        ("CN=HQ | CN=HQ Policy", "HQ", True),
        ("- | CN=HQ Policy", "HQ", True),
        ("CN=Old | CN=HQ Policy", "Old", False),
        ("CN=Mute | -", "Mute", False),
        ("CN=HQ\\0ADEL:1 | CN=HQ Policy", "HQ", True),
        ("CN=HQ | -", "HQ", True),
        ("- | CN=Lost", None, False),
        ("- | CN=Free", None, False),
        ("- | CN=NoSuch", None, False),
        ("CN=HQ\\0ADEL:1 | CN=Lost", None, False),
        ("- | -", None, False),
    ],
)
def test_the_plan_in_effect_is_the_users_own_else_the_policys(links: str, plan: str | None, sip_uri: bool) -> None:
    assert seen(links, "dial_plan_name", "sip_uri") == [plan, sip_uri]


def test_what_a_plan_says_is_told_with_its_user() -> None:
    told = seen("CN=HQ | CN=Old Policy", "phone_context", "extension_digits", "uri_type", "policy", "policy_plan_name")
    assert told == ["HQ.contoso.com", 5, 3, "Old Policy", "Old"]
    assert seen("CN=Old | -", "phone_context", "extension_digits", "uri_type") == [None, None, 1]


@pytest.mark.parametrize(
    ("links", "plan_found", "policy_found"),
    [
        ("CN=HQ | CN=HQ Policy", True, True),
        ("CN=HQ\\0ADEL:1 | CN=Policy\\0ADEL:2", False, False),
        ("- | -", False, False),
    ],
)
def test_links_are_found_or_not(links: str, plan_found: bool, policy_found: bool) -> None:
    assert seen(links, "plan_found", "policy_found") == [plan_found, policy_found]


@pytest.mark.parametrize(
    ("um_enabled", "locator", "object_class", "here"),
    [
        ("yes", "-", "user", True),
        ("yes", "SRV:", "inetOrgPerson", True),
        ("yes", "sipfed.online.lync.com", "user", False),
        ("yes", "SRV:", "contact", False),
        ("no", "-", "user", False),
    ],
)
def test_um_is_judged_where_it_is_on_and_at_home_here(um_enabled: str, locator: str, object_class: str, here: bool) -> None:
    users = table(f"identity | um_enabled | deployment_locator | object_class\nada | {um_enabled} | {locator} | {object_class}")
    assert look("um_users", "um_here", users=users)["um_here"].to_list() == [here]


def test_the_types_are_the_same_whoever_is_there() -> None:
    users = table("identity | um_dial_plan | um_mailbox_policy\nada | CN=HQ | CN=HQ Policy")
    known = look("um_users", *COLUMNS, users=users, dial_plans=PLANS, mailbox_policies=POLICIES)
    unknown = look("um_users", *COLUMNS, users=users)
    assert list(known.dtypes) == list(unknown.dtypes)


ADA = table("identity | um_dial_plan\nada | CN=HQ\nbo | -\ncy | CN=Old")
EQUIVALENTS = table("identity | phone_context\nHQ | Legacy.contoso.com\nHQ | HQ.contoso.com\nOld | Other.contoso.com")


@pytest.mark.parametrize(
    ("owner", "address", "own", "foreign"),
    [
        ("ada", "EUM:ada@contoso.com;phone-context=HQ.contoso.com", True, False),
        ("ada", "eum:51234;phone-context=hq.CONTOSO.com", True, False),
        ("ada", "eum:51234;phone-context=legacy.contoso.com", True, False),
        ("ada", "eum:51234;phone-context=Other.contoso.com", False, True),
        ("ada", "eum:51234;phone-context=HQ", False, True),
        ("ada", "eum:51234", False, False),
        ("bo", "eum:51234;phone-context=HQ.contoso.com", False, False),
        ("cy", "eum:51234;phone-context=other.contoso.com", True, False),
        ("cy", "eum:51234;phone-context=HQ.contoso.com", False, False),
    ],
)
def test_a_phone_context_is_the_plans_own_or_foreign_or_cannot_be_told(
    owner: str, address: str, own: bool, foreign: bool
) -> None:
    found = look(
        "eum_addresses",
        "eum",
        "own",
        "foreign",
        users=ADA,
        dial_plans=PLANS,
        dial_plan_equivalents=EQUIVALENTS,
        proxy_addresses=table(f"identity | address\n{owner} | {address}"),
    )
    assert found[["identity", "eum", "own", "foreign"]].to_dict("records") == [
        {"identity": owner, "eum": address, "own": own, "foreign": foreign}
    ]


def test_other_proxy_addresses_are_left_out_and_the_digits_of_the_plan_are_told() -> None:
    proxies = table(
        "identity | address\nada | SMTP:ada@contoso.com\nada | eum:51234;phone-context=HQ.contoso.com\nbo | sip:bo@contoso.com"
    )
    found = look(
        "eum_addresses", "address", "kind", "primary", "plan_digits", users=ADA, dial_plans=PLANS, proxy_addresses=proxies
    )
    assert found[["identity", "address", "kind", "primary", "plan_digits"]].to_dict("records") == [
        {"identity": "ada", "address": "51234", "kind": "extension", "primary": False, "plan_digits": 5}
    ]


def test_a_user_whose_proxy_addresses_were_not_seen_is_held_back_alone() -> None:
    proxies = table("identity | address\nada | eum:51234;phone-context=HQ.contoso.com\nbo | eum:1;phone-context=HQ.contoso.com")
    hidden = rows(("proxy_addresses", "address", "users-1", State.UNREADABLE, "may not be read"))
    found = look("eum_addresses", "eum", users=ADA, dial_plans=PLANS, proxy_addresses=proxies, visibility=hidden)
    assert list(found["identity"]) == ["ada"]


def test_a_dial_plan_has_the_pool_of_more_than_half_of_its_users() -> None:
    users = table("""
        identity | um_enabled | um_dial_plan | pool_service | deployment_locator
        ada      | yes        | CN=HQ        | CN=S1        | SRV:
        bo       | yes        | CN=HQ        | CN=S1        | -
        cy       | yes        | CN=HQ        | CN=S2        | SRV:
        online   | yes        | CN=HQ        | CN=S2        | sipfed.online.lync.com
        di       | yes        | CN=Old       | CN=S1        | SRV:
        ed       | yes        | CN=Old       | CN=S2        | SRV:
    """)
    pools = look(
        "dial_plan_pools",
        "pool",
        "pool_name",
        users=users,
        dial_plans=PLANS,
        pool_services=table("identity | dn | pool\nLc | CN=S1 | CN=1:1\nLc | CN=S2 | CN=1:2"),
        pools=table("identity | dn\npool1 | CN=1:1\npool2 | CN=1:2"),
    )
    assert list(pools[["identity", "pool", "pool_name"]].itertuples(index=False, name=None)) == [("HQ", "CN=1:1", "pool1")]


def test_a_contact_belongs_to_the_one_dial_plan_that_it_was_made_for_or_shares_a_number_or_context_with() -> None:
    contacts = table("""
        name    | sip_enabled | line_uri         | source_object
        number  | yes         | tel:+14255550100 | -
        source  | yes         | -                | cn=old
        menu    | yes         | -                | CN=Menu
        context | yes         | -                | -
        agree   | yes         | tel:+14255550100 | CN=HQ
        differ  | yes         | tel:+14255550100 | CN=Old
        nothing | yes         | tel:+14255550109 | -
    """)
    found = look(
        "dial_plan_contacts",
        "dial_plan",
        contacts=contacts,
        contact_ip_phones=table("identity | ip_phone\ncontext | 1 hq.CONTOSO.com"),
        dial_plans=PLANS,
        dial_plan_numbers=table("identity | number\nHQ | +14255550100"),
        auto_attendants=table("identity | dn | dial_plan\nMenu | CN=Menu | CN=HQ"),
        auto_attendant_numbers=table("identity | number\nMenu | +14255550101"),
    )
    assert dict(found[["identity", "dial_plan"]].itertuples(index=False, name=None)) == {
        "number": "CN=HQ",
        "source": "CN=Old",
        "menu": "CN=HQ",
        "context": "CN=HQ",
        "agree": "CN=HQ",
    }
