import pyarrow as pa
import pytest
from pandas import Series

from adinspect import distinguished_name as dn

SAME = [
    ("CN=Ada,DC=contoso,DC=com", "cn=ada,dc=CONTOSO,dc=com"),
    ("CN=Ada,DC=contoso,DC=com", "CN = Ada , DC=contoso,  DC= com "),
    (r"CN=Doe\, Jane,DC=com", r"CN=Doe\2C Jane,DC=com"),
    (r"CN=Doe\, Jane,DC=com", r"CN=Doe\2c jane, DC=com"),
    (r"CN=R\+D,DC=com", r"CN=R\2BD,DC=com"),
    (r"CN=a\=b,DC=com", "CN=a=b,DC=com"),
    (r"CN=\#1,DC=com", r"CN=\231,DC=com"),
    (r"CN=a\\b,DC=com", r"CN=a\5Cb,DC=com"),
    (r"CN=Zo\C3\AB,DC=com", "CN=ZOË,DC=com"),
    ("CN=ΟΔΟΣ,DC=com", "CN=οδοσ,DC=com"),
    (r"CN=x\0ADEL:1,DC=com", "CN=x\nDEL:1,DC=com"),
    (r"CN=x\0ADEL:1,DC=com", r"cn=X\0adel:1,dc=com"),
    (r"CN=\ a\ ,DC=com", r"CN=\20a\20,DC=com"),
    ("CN=a+OU=b,DC=com", "OU=B + CN=A,DC=com"),
    ("", ""),
]
DIFFERENT = [
    ("CN=Ada,DC=com", "CN=Ada,DC=org"),
    ("CN=Weiß,DC=com", "CN=Weiss,DC=com"),
    (r"CN=a\,CN=b,DC=com", "CN=a,CN=b,DC=com"),
    (r"CN=a\+CN=b,DC=com", "CN=a+CN=b,DC=com"),
    (r"CN=a\20,DC=com", "CN=a,DC=com"),
    (r"CN=a\FF,DC=com", r"CN=a\FE,DC=com"),
    (r"CN=a\FF,DC=com", r"CN=a\\FF,DC=com"),
    ("CN=\N{LATIN SMALL LETTER DOTLESS I},DC=com", "CN=i,DC=com"),
    ("CN=a,,DC=com", "CN=a,DC=com"),
]
ODD = [
    *(name for pair in SAME + DIFFERENT for name in pair),
    "CN=open\\",
    "CN=open\\ ",
    "=",
    ",",
    "CN=a\n ,DC=com",
    " DC=com",
    "no name",
    "CN=a =b",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert dn.key(one) == dn.key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert dn.key(one) != dn.key(other)


@pytest.mark.parametrize("name", ODD)
def test_a_key_is_its_own_key(name: str) -> None:
    assert dn.key(dn.key(name)) == dn.key(name)


@pytest.mark.parametrize("shape", [pa.array, lambda names: pa.chunked_array([names[:3], names[3:]])], ids=["array", "chunked"])
def test_keys_of_an_array_are_the_keys_of_its_names(shape: object) -> None:
    found = dn.keys(shape([*ODD, None]))  # type: ignore[operator]  # a table of two constructors
    assert found.to_pylist() == [*map(dn.key, ODD), None]


def test_keys_of_plain_names_are_made_without_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dn, "key", None)
    assert dn.keys(pa.array(["CN=Ada,DC=Contoso", None])).to_pylist() == ["cn=ada,dc=contoso", None]


def test_keys_of_a_series_keep_its_index_and_name() -> None:
    names = Series(["CN=Ada", None], index=[7, 9], name="dn", dtype="str")
    assert dn.keys(names).equals(Series(["cn=ada", None], index=[7, 9], name="dn", dtype="str"))
    assert dn.keys(names).name == "dn"


@pytest.mark.parametrize(
    ("name", "parent", "value"),
    [
        ("CN=Ada,OU=Staff,DC=com", "OU=Staff,DC=com", "Ada"),
        ("CN=Ada, OU=Staff,DC=com", "OU=Staff,DC=com", "Ada"),
        (r"CN=Doe\, Jane,DC=com", "DC=com", "Doe, Jane"),
        (r"CN=a\\,DC=com", "DC=com", "a\\"),
        (r"CN=a\\\,b,DC=com", "DC=com", r"a\,b"),
        (r"CN=x\0ADEL:1,CN=Deleted Objects,DC=com", "CN=Deleted Objects,DC=com", "x\nDEL:1"),
        (r"CN=\20 a\ ,DC=com", "DC=com", "  a "),
        (r"CN=Zo\C3\AB,DC=com", "DC=com", "Zoë"),
        (r"CN=a\FFb,DC=com", "DC=com", r"a\ffb"),
        ("CN=a\nb,DC=com", "DC=com", "a\nb"),
        ("CN=a=b,DC=com", "DC=com", "a=b"),
        ("DC=com", "", "com"),
        ("CN=open\\", "", "open\\"),
        ("", "", ""),
    ],
)
def test_parent_and_own_value(name: str, parent: str, value: str) -> None:
    assert (dn.parent(name), dn.rdn_value(name)) == (parent, value)
    assert dn.parents(pa.array([name, None])).to_pylist() == [parent, None]


def test_components_are_as_spelt() -> None:
    assert dn.components(r"CN=Doe\, Jane, OU=Staff ,DC=com") == [r"CN=Doe\, Jane", "OU=Staff", "DC=com"]
    assert dn.components("") == []


@pytest.mark.parametrize(
    ("name", "base", "below"),
    [
        ("CN=a,DC=com", "DC=com", True),
        ("DC=com", "dc=COM", True),
        (r"CN=a\,DC=contoso,DC=com", "DC=contoso,DC=com", False),
        ("CN=a,DC=com", "CN=a,DC=com,DC=x", False),
        ("CN=a,DC=mycom", "DC=com", False),
    ],
)
def test_under_compares_whole_components(name: str, base: str, below: bool) -> None:
    assert dn.under(dn.key(name), dn.key(base)) is below


@pytest.mark.parametrize(
    ("name", "deleted"),
    [
        (r"CN=x\0ADEL:6f1d7b52-2c5e-5d0e-9d3c-0a4d6e1f7c11,CN=Deleted Objects,DC=com", True),
        (r"CN=x\0adel:1,DC=com", True),
        ("CN=x\nDEL:1,DC=com", True),
        ("CN=x,cn=deleted objects,DC=com", True),
        (r"CN=x\0ACNF:1,DC=com", False),
        ("CN=DEL:1,OU=Deleted,DC=com", False),
    ],
)
def test_deleted_names_are_known_by_their_spelling(name: str, deleted: bool) -> None:
    assert dn.is_deleted(name) is deleted


@pytest.mark.parametrize(
    ("name", "dns"),
    [
        ("CN=Ada,OU=Staff,DC=Contoso,DC=com", "contoso.com"),
        ("DC=www,DC=zone.com,CN=MicrosoftDNS,DC=DomainDnsZones,DC=contoso,DC=com", "domaindnszones.contoso.com"),
        ("CN=Configuration, DC = contoso", "contoso"),
        ("CN=Ada,O=Contoso", ""),
        ("", ""),
    ],
)
def test_dns_name_is_made_of_the_last_components(name: str, dns: str) -> None:
    assert dn.dns_name(name) == dns


def test_what_lies_below_several_names_or_is_one_of_them() -> None:
    names = Series(["OU=A,DC=x", "CN=a,OU=a,DC=X", "CN=b,OU=B,DC=x", "OU=AA,DC=x", "DC=x"], index=list("vwxyz"), dtype="str")
    keys = dn.keys(names)
    assert list(dn.below(keys, ["ou=a, dc=x", "OU=B,DC=x"])) == [True, True, True, False, False]
    assert not dn.below(keys, []).any()
