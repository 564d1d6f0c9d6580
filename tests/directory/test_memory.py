from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from adinspect.directory import Contexts, Directory, Root, Scope, Search
from adinspect.directory.memory import PAGE, MemoryDirectory
from adinspect.errors import ConfigurationError, InputError
from adinspect.search_filter import parse

ROOT = "DC=contoso,DC=com"
CONFIGURATION = f"CN=Configuration,{ROOT}"
SCHEMA = f"CN=Schema,{CONFIGURATION}"
PARTITIONS = f"CN=Partitions,{CONFIGURATION}"

Attributes = Mapping[str, Sequence[bytes | str]]


def entries(*dns: str) -> list[tuple[str, Attributes]]:
    """Entries of no attribute but their class."""
    return [(dn, {"objectClass": ["top"]}) for dn in dns]


def cross_reference(name: str, flags: str) -> tuple[str, Attributes]:
    return f"CN={name},{PARTITIONS}", {"objectClass": ["top", "crossRef"], "nCName": [name], "systemFlags": [flags]}


def found(directory: Directory, base: str, text: str = "(objectClass=*)", scope: Scope = Scope.SUBTREE) -> list[str]:
    """The DNs of the entries that a search finds."""
    batches = directory.search(Search(base, parse(text), (), scope))
    return [dn.decode() for batch in batches for dn in batch.column("dn").to_pylist()]


FOREST: list[tuple[str, Attributes]] = [
    (ROOT, {"objectClass": ["top", "domain", "domainDNS"]}),
    (f"OU=Staff,{ROOT}", {"objectClass": ["top", "organizationalUnit"], "ou": ["Staff"]}),
    (f"CN=Ada,OU=Staff,{ROOT}", {"objectClass": ["top", "person", "user"], "mail": ["ada@contoso.com"], "blob": [b"\xff\x00"]}),
    (f"CN=Cleo,OU=Staff,{ROOT}", {"objectClass": ["top", "person", "contact"], "otherIpPhone": ["1", "2"]}),
    (CONFIGURATION, {"objectClass": ["top", "configuration"]}),
    (SCHEMA, {"objectClass": ["top", "dMD"]}),
    (f"DC=emea,{ROOT}", {"objectClass": ["top", "domainDNS"]}),
    (f"CN=Eve,DC=emea,{ROOT}", {"objectClass": ["top", "person", "user"]}),
    (f"DC=_sip,DC=contoso.com,CN=MicrosoftDNS,DC=DomainDnsZones,{ROOT}", {"objectClass": ["top", "dnsNode"]}),
    (f"CN=No class,{ROOT}", {"cn": ["No class"]}),
]


@pytest.mark.parametrize(
    ("base", "text", "names"),
    [
        (ROOT, "(objectClass=*)", ["DC=contoso", "OU=Staff", "CN=Ada", "CN=Cleo"]),
        (ROOT, "(cn=No class)", ["CN=No class"]),
        (ROOT, "(objectClass=USER)", ["CN=Ada"]),
        (ROOT, "(|(objectClass=contact)(objectClass=user))", ["CN=Ada", "CN=Cleo"]),
        (ROOT, "(!(objectClass=person))", ["DC=contoso", "OU=Staff", "CN=No class"]),
        (ROOT, "(objectClass=group)", []),
        (f"DC=emea,{ROOT}", "(objectClass=person)", ["CN=Eve"]),
        (f"ou=staff, {ROOT}", "(objectClass=*)", ["OU=Staff", "CN=Ada", "CN=Cleo"]),
        (CONFIGURATION, "(objectClass=*)", ["CN=Configuration"]),
        (SCHEMA, "(objectClass=*)", ["CN=Schema"]),
    ],
)
def test_a_search_finds_what_matches_in_its_naming_context(base: str, text: str, names: list[str]) -> None:
    assert [dn.split(",")[0] for dn in found(MemoryDirectory(FOREST), base, text)] == names


@pytest.mark.parametrize(
    ("base", "text", "names"),
    [(ROOT, "(objectClass=*)", [ROOT]), (ROOT, "(objectClass=user)", []), (f"CN=Nobody,{ROOT}", "(objectClass=*)", [])],
)
def test_a_base_search_looks_at_one_entry(base: str, text: str, names: list[str]) -> None:
    assert found(MemoryDirectory(FOREST), base, text, Scope.BASE) == names


@pytest.mark.parametrize("base", ["DC=fabrikam,DC=com", f"DC=DomainDnsZones,{ROOT}", "CN=Ada", ""])
def test_a_base_elsewhere_is_named(base: str) -> None:
    with pytest.raises(ConfigurationError, match="in none of the naming contexts"):
        found(MemoryDirectory(FOREST), base)


def test_values_come_in_the_order_asked_without_regard_to_case() -> None:
    search = Search(ROOT, parse("(objectClass=person)"), ("OTHERIPPHONE", "mail", "title", "blob"))
    with MemoryDirectory(FOREST) as directory:
        (batch,) = directory.search(search)
    assert batch.schema == pa.schema(
        [("dn", pa.binary()), *((name, pa.list_(pa.binary())) for name in ("OTHERIPPHONE", "mail", "title", "blob"))]
    )
    assert batch.to_pylist() == [
        {
            "dn": f"CN=Ada,OU=Staff,{ROOT}".encode(),
            "OTHERIPPHONE": None,
            "mail": [b"ada@contoso.com"],
            "title": None,
            "blob": [b"\xff\x00"],
        },
        {"dn": f"CN=Cleo,OU=Staff,{ROOT}".encode(), "OTHERIPPHONE": [b"1", b"2"], "mail": None, "title": None, "blob": None},
    ]


def test_many_entries_come_in_several_batches() -> None:
    many = entries(ROOT, *(f"CN={number},{ROOT}" for number in range(PAGE)))
    batches = list(MemoryDirectory(many).search(Search(ROOT, parse("(objectClass=top)"), ("cn",))))
    assert [len(batch) for batch in batches] == [PAGE, 1]
    assert found(MemoryDirectory(many), ROOT) == [dn for dn, _ in many]


def test_nothing_is_unasked() -> None:
    assert MemoryDirectory(FOREST).unasked(["mail", "title"], ROOT) == frozenset()


def test_secret_values_are_dropped_and_counted_and_only_a_presence_stays() -> None:
    secret: Attributes = {
        "objectClass": ["user"],
        "msRTCSIP-AcpInfo": ["<a/>", "<b/>"],
        "unicodePwd": [b"x"],
        "mail": ["a@contoso.com"],
    }
    directory = MemoryDirectory([(ROOT, secret), *entries(f"CN=Plain,{ROOT}")])
    assert directory.dropped == {"msrtcsip-acpinfo": 2, "unicodepwd": 1}
    assert found(directory, ROOT, "(msRTCSIP-AcpInfo=*)") == [ROOT]
    assert found(directory, ROOT, "(!(msRTCSIP-AcpInfo=*))") == [f"CN=Plain,{ROOT}"]
    with pytest.raises(ValueError, match="msrtcsip-acpinfo, unicodepwd"):
        list(directory.search(Search(ROOT, parse("(objectClass=*)"), ("mail", "UnicodePwd", "msRTCSIP-AcpInfo"))))


def test_a_name_stands_once() -> None:
    with pytest.raises(ValueError, match="two entries have the DN"):
        MemoryDirectory(entries(ROOT, "dc=Contoso, dc=com"))


def test_what_the_directory_says_of_itself_may_be_stated() -> None:
    told = MemoryDirectory(FOREST).root
    stated = replace(told, account="ada@contoso.com", token_sids=frozenset({"S-1-1-0"}))
    assert MemoryDirectory(FOREST, root=stated).root is stated
    assert told == Root("contoso.com", "memory", Contexts(CONFIGURATION, SCHEMA, ROOT, (ROOT, f"DC=emea,{ROOT}")))


@pytest.mark.parametrize(
    ("given", "forest", "contexts"),
    [
        (entries(CONFIGURATION), "contoso.com", Contexts(CONFIGURATION, None, None, ())),
        (entries(f"CN=Cn,{SCHEMA}"), "contoso.com", Contexts(None, SCHEMA, None, ())),
        (entries(f"CN=Ada,OU=Staff, {ROOT}"), "contoso.com", Contexts(None, None, ROOT, (ROOT,))),
        (entries(f"CN=Ada,{ROOT.lower()}", ROOT), "contoso.com", Contexts(None, None, ROOT, (ROOT,))),
        (entries(f"DC=emea,{ROOT}", CONFIGURATION), "contoso.com", Contexts(CONFIGURATION, None, None, (f"DC=emea,{ROOT}",))),
        (
            entries("DC=fabrikam,DC=com", f"DC=emea,{ROOT}", ROOT, CONFIGURATION),
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT, "DC=fabrikam,DC=com", f"DC=emea,{ROOT}")),
        ),
        (entries(f"DC=emea,{ROOT}", ROOT), "contoso.com", Contexts(None, None, ROOT, (ROOT, f"DC=emea,{ROOT}"))),
        (
            [*entries(ROOT, f"CN=Ada,DC=box,{ROOT}"), cross_reference(ROOT, "3")],
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT,)),
        ),
        (
            [*entries(ROOT, f"CN=x,DC=app,{ROOT}"), cross_reference(ROOT, "3"), cross_reference(f"DC=app,{ROOT}", "5")],
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT,)),
        ),
        (
            [*entries(ROOT, f"CN=x,DC=asia,{ROOT}"), cross_reference(ROOT, "3"), cross_reference(f"dc=ASIA,{ROOT}", "3")],
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT, f"DC=asia,{ROOT}")),
        ),
        (
            [*entries(ROOT, f"CN=x,DC=odd,{ROOT}"), cross_reference(ROOT, "3"), cross_reference(f"DC=odd,{ROOT}", "many")],
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT,)),
        ),
        (
            [*entries(f"CN=Ada,DC=box, {ROOT}"), cross_reference(ROOT.lower(), "3")],
            "contoso.com",
            Contexts(CONFIGURATION, None, ROOT, (ROOT,)),
        ),
        (
            entries(ROOT, f"DC=ForestDnsZones,{ROOT}", f"DC=a,DC=b,CN=MicrosoftDNS,DC=DomainDnsZones,DC=emea,{ROOT}"),
            "contoso.com",
            Contexts(None, None, ROOT, (ROOT,)),
        ),
        (entries(ROOT, f"CN=x,CN=Configuration,CN=App,{ROOT}"), "contoso.com", Contexts(None, None, ROOT, (ROOT,))),
        (entries(ROOT, rf"CN=Doe\, DC=Jane,{ROOT}"), "contoso.com", Contexts(None, None, ROOT, (ROOT,))),
    ],
)
def test_naming_contexts_are_told_from_the_names(
    given: Iterable[tuple[str, Attributes]], forest: str, contexts: Contexts
) -> None:
    assert MemoryDirectory(given).root == Root(forest, "memory", contexts)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([], "no entry belongs"),
        (entries("CN=Ada,O=Contoso"), "no entry belongs"),
        (entries(f"DC=DomainDnsZones,{ROOT}"), "no entry belongs"),
        (entries(CONFIGURATION, "CN=Configuration,DC=fabrikam,DC=com"), "of several forests"),
        (entries(CONFIGURATION, "CN=Schema,CN=Configuration,DC=fabrikam,DC=com"), "of several forests"),
    ],
)
def test_entries_of_no_forest_or_of_several_are_refused(given: Iterable[tuple[str, Attributes]], what: str) -> None:
    with pytest.raises(InputError, match=what):
        MemoryDirectory(given)
