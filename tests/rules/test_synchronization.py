"""MIG-004, MIG-005, MIG-019: names and addresses that synchronization takes, and who is left out of it."""

import pytest

from adinspect import visibility
from adinspect.finding import Target
from adinspect.profile import SignIn
from adinspect.rule import Rule, Skipped
from adinspect.rules.synchronization import outside_synchronization, proxy_address_refused, sign_in_name_unusable
from adinspect.testing import findings, offenders, outcome, table
from adinspect.visibility import State

TEAMS = Target.TEAMS_PHONE
DOMAIN, CHARACTERS = "no tenant can verify its domain", "it holds characters that are not allowed"
FORM, LENGTH = "it is not a name, one @ and a domain", "it is too long"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("ada@contoso.com", None),
        ("ada.o'brien-x_1@sub.contoso.com", None),
        ("ada@contoso.local", DOMAIN),
        ("ada@corp.contoso.LOCAL", DOMAIN),
        ("ada@contoso", DOMAIN),
        ("ada@contoso.com.", DOMAIN),
        ("ada@local.contoso.com", None),
        ("ada@contoso.internal", DOMAIN),
        ("ada", FORM),
        ("@contoso.com", FORM),
        ("ada@", FORM),
        ("ada@b@contoso.com", FORM),
        ("ada b@contoso.com", CHARACTERS),
        ("a&b@contoso.com", CHARACTERS),
        ("ada+b@contoso.com", CHARACTERS),
        ("ada\\b@contoso.com", CHARACTERS),
        ("jörg@contoso.com", CHARACTERS),
        ("adé@contoso.com", CHARACTERS),
        ("ada\u00a0@contoso.com", CHARACTERS),
        ("ada[1]@contoso.local", f"{DOMAIN} and {CHARACTERS}"),
        ("a" * 64 + "@contoso.com", None),
        ("a" * 65 + "@contoso.com", LENGTH),
        ("a@" + "b" * 44 + ".com", None),
        ("a@" + "b" * 45 + ".com", LENGTH),
    ],
)
@pytest.mark.parametrize(("sign_in", "column"), [(SignIn.UPN, "upn"), (SignIn.MAIL, "mail")])
def test_a_sign_in_name_must_be_one_that_entra_id_takes(name: str, fault: str | None, sign_in: SignIn, column: str) -> None:
    users = table("identity | expected\nada | yes").assign(**{column: name})
    found = findings(sign_in_name_unusable, users=users, sign_in=sign_in, target=TEAMS)
    attribute = {"upn": "user principal name", "mail": "e-mail address"}[column]
    told = [f"The {attribute} of ada, {name}, cannot be a sign-in name in Entra ID: {fault}."]
    assert list(found["message"]) == (told if fault else [])


def test_only_the_attribute_that_people_sign_in_with_is_judged() -> None:
    users = table("identity | expected | upn | mail\nada | yes | ada@contoso.local | ada@contoso.com\nbo | yes | - | -")
    assert offenders(sign_in_name_unusable, users=users, target=TEAMS) == ["ada"]
    assert offenders(sign_in_name_unusable, users=users, target=TEAMS, sign_in=SignIn.MAIL) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("ada@contoso.com", None),
        ("ada@CONTOSO.com", None),
        ("ada@unsaid.com", None),
        ("ada@pending.com", "the tenant has not verified its domain"),
        ("ada@sub.contoso.com", "the tenant has not verified its domain"),
        ("ada@contoso.local", DOMAIN),
        ("a b@fabrikam.com", f"{CHARACTERS} and the tenant has not verified its domain"),
        ("ada", FORM),
    ],
)
def test_the_domains_of_the_tenant_tell_which_others_are_not_verified(name: str, fault: str | None) -> None:
    domains = table("domain | verified\nContoso.com | yes\npending.com | no\nunsaid.com | -")
    users = table(f"identity | expected | upn\nada | yes | {name}")
    found = findings(sign_in_name_unusable, users=users, tenant_domains=domains, target=TEAMS)
    assert [message.partition("Entra ID: ")[2] for message in found["message"]] == ([f"{fault}."] if fault else [])


def test_a_name_that_an_account_of_the_tenant_bears_is_usable() -> None:
    users = table("identity | expected | upn\nada | yes | a+b@contoso.com\nbo | yes | b+c@contoso.com\ncy | yes | -")
    accounts = table("user | upn\n1 | A+B@contoso.com\n2 | -")
    assert offenders(sign_in_name_unusable, users=users, m365_users=accounts, target=TEAMS) == ["bo"]


def test_an_empty_list_of_domains_is_none() -> None:
    domains = table("domain | verified\nx | yes").iloc[:0]
    users = table("identity | expected | upn\nada | yes | ada@contoso.com")
    assert offenders(sign_in_name_unusable, users=users, tenant_domains=domains, target=TEAMS) == []


def test_a_site_may_name_other_domains_that_it_cannot_verify() -> None:
    users = table("identity | expected | upn\nada | yes | ada@contoso.local\nbo | yes | bo@contoso.intern")
    assert offenders(sign_in_name_unusable, users=users, target=TEAMS, unroutable=[".Intern"]) == ["bo"]


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("SMTP:ada@contoso.com", False),
        ("sip:ada@contoso.com", False),
        ("smtp:ada b@contoso.com", True),
        ("smtp:ada@contoso.com ", True),
        ("smtp:ada\u00a0b@contoso.com", True),
        ("SMTP:<ada@contoso.com>", True),
        ("smtp:ada(1)@contoso.com", True),
        ("Sip:ada;b@contoso.com", True),
        ("sip:a,b@contoso.com", True),
        ('smtp:"ada"@contoso.com', True),
        ("smtp:[ada]@contoso.com", True),
        ("EUM:ada@contoso.com;phone-context=HQ.contoso.com", False),
        ("eum:50100;phone-context=HQ.contoso.com", False),
        ("x500:/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=ada", False),
        ("x500:" + "a" * 251, False),
        ("x500:" + "a" * 252, True),
        ("smtp:" + "a" * 252, True),
    ],
)
def test_an_address_with_a_character_or_length_that_synchronization_refuses_is_named(address: str, refused: bool) -> None:
    proxies = table("identity | address\nada | SMTP:ok@contoso.com").assign(address=address)
    found = findings(proxy_address_refused, users=table("identity | expected\nada | yes"), proxy_addresses=proxies, target=TEAMS)
    assert list(found["evidence"]) == ([{"addresses": address}] if refused else [])


def test_all_refused_addresses_of_a_user_are_one_finding() -> None:
    proxies = table("identity | address\nada | smtp:a b@contoso.com\nada | smtp:c d@contoso.com\nada | smtp:ok@contoso.com")
    (found,) = findings(
        proxy_address_refused, users=table("identity | expected\nada | yes"), proxy_addresses=proxies, target=TEAMS
    ).to_dict("records")
    assert found["message"].endswith("smtp:a b@contoso.com, smtp:c d@contoso.com of ada.")


def test_a_user_whose_addresses_were_not_seen_is_held_back() -> None:
    unseen = visibility.rows(("proxy_addresses", "address", "users-0", State.UNREADABLE, "may not be read"))
    users = table("identity | expected\nhidden | yes\nseen | yes")
    proxies = table("identity | address\nseen | smtp:a b@contoso.com")
    verdict = outcome(proxy_address_refused, users=users, proxy_addresses=proxies, target=TEAMS, visibility=unseen)
    assert not isinstance(verdict, Skipped)
    assert (list(verdict.findings["identity"]), verdict.judged, verdict.of) == (["seen"], 1, 2)


@pytest.mark.parametrize(
    ("user", "because"),
    [
        ("User_left out | 1", "adminDescription begins with User_, which the default rules leave out"),
        ("USER_x | 1", "adminDescription begins with User_, which the default rules leave out"),
        ("Group_x | 1", None),
        ("a User_ | 1", None),
        ("- | 1", None),
        ("- | -", None),
        ("- | 16", None),
        ("- | 8388608", "it is a system mailbox, which the default rules leave out"),
        ("- | 536870912", "it is a system mailbox, which the default rules leave out"),
    ],
)
def test_the_default_rules_probably_leave_some_objects_out(user: str, because: str | None) -> None:
    users = table("identity | line_uri | admin_description | recipient_type\nada | tel:+14255550100 | " + user)
    found = findings(outside_synchronization, users=users, target=TEAMS)
    told = list(found[["certainty", "because"]].itertuples(index=False, name=None))
    assert told == ([("likely", because)] if because else [])


def test_what_lies_below_an_excluded_organizational_unit_is_certain() -> None:
    users = table(
        """
        identity ; dn                                                ; line_uri         ; admin_description
        below    ; CN=below,OU=Labs, OU=Staff,DC=contoso,DC=example  ; tel:+14255550100 ; -
        both     ; CN=both,OU=labs,OU=Staff,DC=contoso,DC=example    ; tel:+14255550100 ; User_x
        beside   ; CN=beside,OU=Old Labs,OU=Staff,DC=contoso,DC=example ; tel:+14255550100 ; -
    """.replace(";", "|")
    )
    found = findings(
        outside_synchronization, users=users, target=TEAMS, excluded_dns=["ou=Labs,ou=Staff,dc=contoso,dc=example"]
    ).set_index("identity")
    assert dict(found["certainty"]) == {"below": "certain", "both": "certain"}
    assert "excluded and adminDescription" in found.loc["both", "because"]


CONCERNED = [
    "line_uri",
    "private_line",
    "sip_enabled",
    "enterprise_voice",
    "remote_call_control",
    "remote_call_dual",
    "um_enabled",
]


@pytest.mark.parametrize(
    "rule", [sign_in_name_unusable, proxy_address_refused, outside_synchronization], ids=lambda rule: rule.code
)
def test_accounts_without_any_voice_that_are_to_have_none_are_left_alone(rule: Rule) -> None:
    users = table("identity | expected\nnobody | no\nmeant | yes\n" + "\n".join(f"{column} | no" for column in CONCERNED))
    for column in CONCERNED:
        users[column] = ["yes" if name == column else None for name in users["identity"]]
    faulty = users.assign(upn="ada@contoso.local", admin_description="User_x")
    proxies = table("identity | address\n" + "\n".join(f"{name} | smtp:a b@contoso.com" for name in faulty["identity"]))
    named = offenders(rule, users=faulty, proxy_addresses=proxies, target=TEAMS)
    assert sorted(named) == sorted({"meant", *CONCERNED})


@pytest.mark.parametrize(
    "rule", [sign_in_name_unusable, proxy_address_refused, outside_synchronization], ids=lambda rule: rule.code
)
def test_a_forest_without_the_schema_of_lync_is_judged_by_who_is_to_have_voice(rule: Rule) -> None:
    unknown = visibility.rows(*(("users", column, None, State.NO_SCHEMA, "not in the schema") for column in CONCERNED))
    users = table("identity | expected | upn | admin_description\nada | yes | ada@contoso.local | User_x")
    proxies = table("identity | address\nada | smtp:a b@contoso.com")
    verdict = outcome(rule, users=users, proxy_addresses=proxies, target=TEAMS, visibility=unknown)
    assert not isinstance(verdict, Skipped)
    assert list(verdict.findings["identity"]) == ["ada"]
