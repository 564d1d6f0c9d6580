from pathlib import Path

import pytest

from adinspect.errors import ConfigurationError
from adinspect.search_filter import DEEPEST, Filter, fold_octets, parse

CORPORA = Path(__file__).parent / "data" / "corpora"
INJECTIONS = [
    line
    for name in ("LDAP_FUZZ.txt", "fuzzdb-ldap-injection.txt")
    for line in (CORPORA / "ldap-injection" / name).read_text("utf-8").splitlines()
]
SCHEMA = "CN=Schema,CN=Configuration,DC=contoso,DC=com"
BIT_AND = ":1.2.840.113556.1.4.803:"


def entry(**attributes: str | bytes | list[str]) -> dict[str, list[bytes]]:
    """An entry; `_` in a name stands for `-`."""
    return {name.lower().replace("_", "-"): _octets(values) for name, values in attributes.items()}


def _octets(values: str | bytes | list[str]) -> list[bytes]:
    if isinstance(values, bytes):
        return [values]
    return [value.encode() for value in ([values] if isinstance(values, str) else values)]


USER = entry(
    objectClass=["top", "person", "organizationalPerson", "user"],
    objectCategory=f"CN=Person,{SCHEMA}",
    cn="Zoë (Sales) *",
    sn="Strauß",
    department="",
    userAccountControl="514",
    groupType="-2147483646",
    whenCreated="20240229080000.0Z",
    logonCount=["9", "100"],
    blob=b"Ab\xff\x00",
    msRTCSIP_AcpInfo=[],
)

MATCHING = [
    ("(objectClass=user)", True),
    ("(OBJECTCLASS=USER)", True),
    ("(objectClass=computer)", False),
    ("(objectClass=*)", True),
    ("(mail=*)", False),
    ("(mail=ada@contoso.com)", False),
    ("(!(mail=*))", True),
    ("(!(mail=ada@contoso.com))", True),
    ("(!(cn=*))", False),
    (r"(cn=zoË \28sales\29 \2a)", True),
    (r"(cn=Zo\c3\ab \28Sales\29 \2A)", True),
    ("(sn=STRASSE)", False),
    ("(sn=STRAUSS)", True),
    ("(cn=zoë*)", True),
    (r"(cn=*\2a)", True),
    ("(cn=*SALES*)", True),
    ("(cn=z*s*l*s*)", True),
    ("(cn=z*s*z*)", False),
    ("(sn=strauß*strauß)", False),
    ("(sn=*s*s*s*s*)", False),
    (r"(blob=Ab\ff\00)", True),
    (r"(blob=ab\ff\00)", False),
    (r"(blob=Ab*)", True),
    ("(blob=ab*)", False),
    (r"(blob=*\ff*)", True),
    ("(logonCount>=10)", True),
    ("(logonCount<=8)", False),
    ("(logonCount>=101)", False),
    ("(whenCreated>=20240101000000.0Z)", True),
    ("(whenCreated<=20240101000000.0Z)", False),
    ("(sn>=S)", True),
    ("(sn<=s)", False),
    (f"(userAccountControl{BIT_AND}=2)", True),
    (f"(userAccountControl{BIT_AND}=3)", False),
    (f"(userAccountControl{BIT_AND}=514)", True),
    (f"(!(userAccountControl{BIT_AND}=32))", True),
    (f"(groupType{BIT_AND}=2147483648)", True),
    (f"(groupType{BIT_AND}=-2147483648)", True),
    (f"(groupType{BIT_AND}=4)", False),
    (f"(mail{BIT_AND}=1)", False),
    ("(&(objectClass=user)(objectCategory=person))", True),
    ("(&(objectClass=user)(objectCategory=computer))", False),
    ("(|(objectClass=computer)(sn=STRAUSS))", True),
    ("(|(objectClass=computer)(mail=*))", False),
    ("(&(|(cn=x)(cn=*))(!(|(mail=*)(cn=y))))", True),
    ("(objectCategory=*)", True),
    (f"(objectCategory=cn=person,{SCHEMA})", True),
    ("(msRTCSIP-AcpInfo=*)", True),
    ("(&(objectClass=user)(!(msRTCSIP-AcpInfo=*)))", False),
]


@pytest.mark.parametrize(("text", "matches"), MATCHING)
def test_an_entry_matches_as_in_active_directory(text: str, matches: bool) -> None:
    assert parse(text).matches(USER) is matches


@pytest.mark.parametrize(
    ("short", "category", "matches"),
    [
        ("person", "Person", True),
        ("user", "Person", True),
        ("contact", "Person", True),
        ("inetOrgPerson", "Person", True),
        ("computer", "Computer", True),
        ("computer", "Person", False),
        ("msExchExchangeServer", "ms-Exch-Exchange-Server", True),
        ("MSEXCHEXCHANGESERVER", "ms-Exch-Exchange-Server", True),
        ("organizationalUnit", "Organizational-Unit", True),
        ("group", "Group-Policy-Container", False),
    ],
)
def test_a_short_object_category_is_that_of_the_class(short: str, category: str, matches: bool) -> None:
    assert parse(f"(objectCategory={short})").matches(entry(objectCategory=f"CN={category},{SCHEMA}")) is matches


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(mail=*)", None),
        ("(!(mail=*))", None),
        ("(mail=a)", None),
        ("(!(mail=a))", None),
        ("(cn=*)", True),
        ("(&(cn=*)(mail=*))", None),
        ("(&(cn=x)(mail=*))", False),
        ("(&(mail=*)(cn=x))", False),
        ("(|(mail=*)(cn=*))", True),
        ("(|(cn=x)(mail=*))", None),
        ("(&(objectClass=user)(|(mail=*)(title=*)))", None),
        ("(&(objectClass=user)(!(title=*)))", True),
        (f"(cn{BIT_AND}=1)", None),
        (f"(!(cn{BIT_AND}=1))", None),
        (f"(|(cn{BIT_AND}=1)(objectClass=user))", True),
    ],
)
def test_what_is_not_known_is_undefined(text: str, answer: bool | None) -> None:
    assert parse(text).evaluate(USER, {"mail"}) is answer
    assert parse(text).matches(USER) is (parse(text).evaluate(USER) is True)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", 1, "( is missing"),
        ("cn=a", 1, "( is missing"),
        (" (cn=a)", 1, "( is missing"),
        ("(cn=a", 6, ") is missing"),
        ("(cn=a)(cn=b)", 7, "more follows"),
        ("(cn=a) ", 7, "more follows"),
        ("()", 2, "attribute name is missing"),
        ("(=a)", 2, "attribute name is missing"),
        ("(1.2.3=a)", 2, "attribute name is missing"),
        ("(cn;lang-fr=a)", 4, "none of ="),
        ("(cn a=b)", 4, "none of ="),
        ("(cn>a)", 4, "none of ="),
        ("(cn=)", 5, "compared with nothing"),
        ("(cn>=)", 6, "compared with nothing"),
        ("(cn=a**b)", 9, "two * stand together"),
        ("(cn=**)", 7, "two * stand together"),
        ("(cn>=a*)", 6, "without *"),
        ("(cn=a(b)", 6, ") is missing"),
        (r"(cn=a\b)", 6, "hexadecimal"),
        (r"(cn=a\2)", 6, "hexadecimal"),
        (r"(cn=\zz)", 5, "hexadecimal"),
        ("(cn=a\0)", 6, ") is missing"),
        ("(cn=a\ud800)", 6, "lone surrogate"),
        ("(&)", 3, "( is missing"),
        ("(|)", 3, "( is missing"),
        ("(!)", 3, "( is missing"),
        ("(!(a=1)(b=2))", 8, ") is missing"),
        ("(!a=1)", 3, "( is missing"),
        ("(& (a=1))", 3, "( is missing"),
        ("(cn~=a)", 4, "~= is not supported"),
        ("(member:1.2.840.113556.1.4.1941:=CN=a)", 8, ":1.2.840.113556.1.4.1941:= is not supported"),
        ("(userAccountControl:1.2.840.113556.1.4.804:=2)", 20, "is not supported"),
        ("(cn:dn:=a)", 4, ":dn:= is not supported"),
        ("(cn:=a)", 4, "none of ="),
        (f"(flags{BIT_AND}=two)", 32, "integer"),
        (f"(flags{BIT_AND}=2*)", 32, "without *"),
        (f"(flags{BIT_AND}={2**64})", 32, "integer"),
        ("(" * 2000, 2, "attribute name is missing"),
        ("(!" * 2000, 2 * DEEPEST + 1, f"more than {DEEPEST} levels"),
        ("(unicodePwd=*)", 2, "unicodepwd is secret"),
        ("(&(cn=a)(msExchUMPinChecksum=*))", 10, "msexchumpinchecksum is secret"),
        ("(msRTCSIP-AcpInfo=<a*)", 2, "msrtcsip-acpinfo is secret"),
        ("(msRTCSIP-AcpInfo>=1)", 2, "msrtcsip-acpinfo is secret"),
    ],
)
def test_what_is_outside_the_subset_is_named_with_its_place(text: str, place: int, what: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        parse(text)
    assert f"at character {place}: " in wrong.value.what
    assert what in wrong.value.what


@pytest.mark.parametrize("payload", INJECTIONS)
@pytest.mark.parametrize("frame", ["{}", "(cn={})", "(&(objectClass=user)(cn={}))", "({}=a)", f"(cn{BIT_AND}={{}})"])
def test_injections_are_parsed_to_the_end_or_refused(payload: str, frame: str) -> None:
    text = frame.format(payload)
    try:
        found = parse(text)
    except ConfigurationError:
        return
    assert found.text == text
    assert text.count("(") == text.count(")")
    assert found.matches({}) in (True, False)


def test_a_filter_is_a_value() -> None:
    assert Filter("(cn=a)") == parse("(cn=a)")
    assert len({parse("(cn=a)"), parse("(cn=a)"), parse("(cn=b)")}) == 2
    assert repr(parse("(cn=a)")) == "Filter(text='(cn=a)')"


def test_a_filter_names_its_attributes() -> None:
    found = parse("(|(&(objectCategory=person)(objectClass=user))(!(Mail=a*)))")
    assert found.attributes == {"objectcategory", "objectclass", "mail"}


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("(objectClass=User)", {b"user"}),
        ("(&(cn=a)(objectClass=user))", {b"user"}),
        ("(&(objectClass=user)(|(objectClass=a)(objectClass=b)))", {b"user"}),
        ("(|(objectClass=user)(&(objectClass=contact)(cn=*)))", {b"user", b"contact"}),
        ("(|(objectClass=user)(cn=a))", None),
        ("(!(objectClass=user))", None),
        ("(objectClass=*)", None),
        ("(objectClass=u*)", None),
    ],
)
def test_the_classes_that_a_match_must_have(text: str, required: set[bytes] | None) -> None:
    assert parse(text).required("objectclass") == required


@pytest.mark.parametrize(
    ("octets", "folded"), [(b"User", b"user"), ("É".encode(), "é".encode()), (b"A\xff", b"A\xff"), (b"", b"")]
)
def test_octets_that_are_no_utf8_are_not_folded(octets: bytes, folded: bytes) -> None:
    assert fold_octets(octets) == folded
