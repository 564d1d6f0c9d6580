import base64
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from adinspect import definitions, query
from adinspect.directory import Contexts, Directory, Scope, Search
from adinspect.directory.ldif_files import LdifDirectory, open_files
from adinspect.errors import ConfigurationError, IncompleteError, InputError
from adinspect.search_filter import parse

ROOT = "DC=contoso,DC=com"
CONFIGURATION = f"CN=Configuration,{ROOT}"
ADA = f"CN=Ada,{ROOT}"
STRINGS: list[str] = json.loads((Path(__file__).parents[1] / "data/corpora/blns/blns.json").read_text("utf-8"))

HEADER = (
    "# extended LDIF\n#\n# LDAPv3\n# base <{base}> with scope subtree\n# filter: (objectclass=*)\n# requesting: {asked} \n#\n\n"
)
TRAILER = "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n"


def entry(dn: str, *lines: str) -> str:
    return "\n".join((f"dn: {dn}", "objectClass: top", *lines)) + "\n\n"


def full(dn: str, *lines: str) -> str:
    """An entry of an export of all attributes."""
    return entry(dn, "instanceType: 4", "uSNCreated: 8000", *lines)


def listing(asked: str, *entries: str, base: str = ROOT) -> str:
    """What ldapsearch prints without -L."""
    return HEADER.format(base=base, asked=asked) + "".join(entries) + TRAILER


@pytest.fixture
def opened(tmp_path: Path) -> "Opened":
    return Opened(tmp_path)


class Opened:
    """Opens texts as LDIF files: a.ldif, b.ldif ..."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *texts: str | bytes, root_forest: str | None = None, attributes: Sequence[str] | None = None
    ) -> LdifDirectory:
        paths = [self.folder / f"{letter}.ldif" for letter, _ in zip("abcdef", texts, strict=False)]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return open_files(paths, root_forest=root_forest, attributes=attributes)


def values(
    directory: Directory, attribute: str, base: str = ROOT, text: str = "(objectClass=*)"
) -> dict[str, list[bytes] | None]:
    """The values of an attribute by the entries' DNs."""
    batches = directory.search(Search(base, parse(text), (attribute,)))
    return {row["dn"].decode("utf-8", "replace"): row[attribute] for batch in batches for row in batch.to_pylist()}


def what_of(directory: Directory, attribute: str = "cn", text: str = "(objectClass=*)") -> tuple[int, str]:
    """How many entries a search gave before it ended early, and what it said; nothing if it was whole."""
    rows = 0
    try:
        for batch in directory.search(Search(ROOT, parse(text), (attribute,))):
            rows += len(batch)
    except IncompleteError as error:
        return rows, error.what
    return rows, ""


READABLE = {
    "ldapsearch -LLL": entry(ROOT) + entry(ADA, "mail: ada@contoso.com"),
    "ldapsearch -LL": "version: 1\n\n" + entry(ROOT) + entry(ADA, "mail: ada@contoso.com"),
    "ldapsearch -L": "version: 1\n\n"
    + HEADER.format(base=ROOT, asked="ALL")[16:]
    + entry(ROOT)
    + "# Ada, contoso.com\n"
    + entry(ADA, "mail: ada@contoso.com")
    + "# search result\n\n# numResponses: 3\n# numEntries: 2\n",
    "ldapsearch": listing("ALL", entry(ROOT), "# Ada, contoso.com\n" + entry(ADA, "mail: ada@contoso.com")),
    "ldapsearch, references": listing(
        "ALL",
        entry(ROOT),
        entry(ADA, "mail: ada@contoso.com"),
        "# search reference\nref: ldap://ForestDnsZones.contoso.com/DC=ForestDnsZones,DC=contoso,DC=com\n\n",
    ),
    "ldapsearch -LLL, references": entry(ROOT) + "# refldaps://contoso.com/CN=x\n\n" + entry(ADA, "mail: ada@contoso.com"),
    "ldapsearch, pages": HEADER.format(base=ROOT, asked="ALL")
    + entry(ROOT)
    + "# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MA0=\npagedresults: cookie=AgA=\n"
    + HEADER.format(base=ROOT, asked="ALL")
    + entry(ADA, "mail: ada@contoso.com")
    + "# search result\nsearch: 3\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MAU=\npagedresults: cookie=\n",
    "ldapsearch -LLL, pages": entry(ROOT)
    + "# pagedresults: cookie=AgA=\n"
    + entry(ADA, "mail: ada@contoso.com")
    + "# pagedresults: cookie=\n",
    "ldifde": f"dn: {ROOT}\nchangetype: add\nobjectClass: top\n\n"
    f"dn: {ADA}\nchangetype: add\nobjectClass: top\nmail: ada@contoso.com\n\n",
    "folded": f"dn: CN=A\n da,{ROOT}\nobjectClass: top\nmail:\n  ada@c\n ontoso.com\n\n{entry(ROOT)}",
    "base64": entry(ROOT) + f"dn:: {base64.b64encode(ADA.encode()).decode()}\nobjectClass: top\nmail:: YWRhQGNv\n bnRvc28uY29t\n",
    "version in the record": "version: 1\n" + entry(ROOT) + entry(ADA, "mail: ada@contoso.com"),
    "no blank line at the end": entry(ROOT) + entry(ADA, "mail: ada@contoso.com")[:-1],
    "blank lines": "\n\n" + entry(ROOT) + "\n\n" + entry(ADA, "mail:    ada@contoso.com") + "\n",
    "names in other letters": entry(ROOT).upper() + f"DN: {ADA}\nOBJECTCLASS: top\nMAIL: ada@contoso.com\n\n",
    "the rootDSE too": "dn:\nnamingContexts: DC=contoso,DC=com\n\n" + entry(ROOT) + entry(ADA, "mail: ada@contoso.com"),
    "folded comments": "# a comment\n mail: folded\n" + entry(ROOT) + entry(ADA, "#mail: nobody", "mail: ada@contoso.com"),
}


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_the_tools_write_is_read(opened: Opened, text: str, end: str) -> None:
    directory = opened(text.replace("\n", end))
    found = {dn.lower(): mail for dn, mail in values(directory, "mail").items()}
    assert found == {ROOT.lower(): None, ADA.lower(): [b"ada@contoso.com"]}
    assert directory.root.forest == "contoso.com"
    assert directory.root.source == "a.ldif"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be"), ("", "utf-16-le"), ("", "utf-16-be")],
)
def test_any_unicode_encoding_is_read(opened: Opened, mark: str, encoding: str) -> None:
    text = entry(ROOT) + f"dn: CN=Zoë,{ROOT}\nobjectClass: top\ndisplayName: Zoë 🦉\n\n"
    directory = opened((mark + text).replace("\n", "\r\n").encode(encoding))
    assert values(directory, "displayName") == {ROOT: None, f"CN=Zoë,{ROOT}": ["Zoë 🦉".encode()]}


def test_half_a_surrogate_pair_stays_as_octets(opened: Opened) -> None:
    directory = opened(entry(ROOT, "cn: \ud83e!").encode("utf-16", "surrogatepass"))
    assert values(directory, "cn") == {ROOT: [b"\xed\xa0\xbe!"]}


def test_octets_that_are_no_utf8_stay_as_they_are(opened: Opened) -> None:
    directory = opened(f"dn: CN=\xe9,{ROOT}\nobjectClass: top\ncn: \xe9\n".encode("latin-1"))
    (batch,) = directory.search(Search(ROOT, parse("(cn=*)"), ("cn",)))
    assert batch.to_pylist() == [{"dn": f"CN=\xe9,{ROOT}".encode("latin-1"), "cn": [b"\xe9"]}]


def test_naughty_strings_come_back_from_base64(opened: Opened) -> None:
    coded = (base64.b64encode(text.encode()).decode() for text in STRINGS)
    directory = opened(entry(ROOT, *(f"description:: {text}" for text in coded)))
    assert values(directory, "description") == {ROOT: [text.encode() for text in STRINGS]}


def test_a_space_at_the_end_of_a_value_is_kept(opened: Opened) -> None:
    assert values(opened(entry(ROOT, "cn: a ", "cn:  b\t", "cn:: YyA=", "cn: d")), "cn") == {ROOT: [b"a ", b"b\t", b"c ", b"d"]}


def test_a_name_with_many_escaped_commas_takes_no_time(opened: Opened) -> None:
    name = "CN=" + r"a\,b=c" * 60 + "," + ROOT
    assert list(values(opened(entry(name)), "cn")) == [name]


MALFORMED = [
    ("", "", "holds no entry"),
    ("\n\n# nothing\n\n", "", "holds no entry"),
    (listing("ALL"), "", "holds no entry"),
    (entry("CN=Ada,O=Contoso"), "", "no entry of the file belongs"),
    ("dn:\nobjectClass: top\n\n", "", "holds no entry"),
    ("objectClass: top\n\n", 1, "begins with dn:"),
    ("PK\x03\x04\x00\x00", 1, "begins with dn:"),
    (entry(ROOT) + "mail: ada@contoso.com\n\n", 4, "begins with dn:"),
    (entry(ROOT) + " folded: wrong\n\n", 4, "begins with dn:"),
    (f"search: 2\nresult: 0 Success\ndn: {ROOT}\ncn: a\n\n", 1, "begins with dn:"),
    (f"dn: {ROOT}\ndn: {ADA}\n\n", 2, "blank line is missing"),
    (f"dn: {ROOT}\ncn: a\nDN: {ADA}\n\n", 3, "blank line is missing"),
    (entry(ROOT, "mail"), 3, "no `attribute: value`"),
    (entry(ROOT, "# ok", "-"), 4, "no `attribute: value`"),
    (entry(ROOT, "ma il: x"), 3, "no `attribute: value`"),
    (entry(ROOT, "é: x"), 3, "no `attribute: value`"),
    (entry(ROOT, ": x"), 3, "no `attribute: value`"),
    (entry(ROOT, "cn: a\0b"), 3, "no `attribute: value`"),
    (entry(ROOT, "cn: a", " b", " c", "mail"), 6, "no `attribute: value`"),
    (entry(ROOT, "cn:: a!bc"), 3, "base64 is damaged"),
    (entry(ROOT, "cn:: QQ"), 3, "base64 is damaged"),
    (entry(ROOT, "cn:: QUJD", " RA"), 3, "base64 is damaged"),
    (entry(ROOT, "cn:: Q=Q="), 3, "base64 is damaged"),
    (entry(ROOT, "cn:: QQ") + entry(ADA), 3, "base64 is damaged"),
    (entry(ROOT, "jpegPhoto:< file:///etc/hostname"), 3, "read from a URL"),
    ("dn:< file:///etc/hostname\ncn: a\n\n", 1, "read from a URL"),
    (f"dn: {ROOT}\nchangetype: modify\nreplace: cn\ncn: a\n-\n\n", 2, "holds changes (changetype: modify)"),
    (f"dn: {ROOT}\nchangetype: delete\n\n", 2, "holds changes"),
    (f"dn: {ROOT}\nchangeType: Delete\n\n", 2, "holds changes"),
    (f"dn: {ROOT}\nchangetype:: ZGVsZXRl\n\n", 2, "holds changes"),
    (f"dn: {ROOT}\nchangetype: add\nchangetype: add\n\n", 1, "cannot be read"),
    (f"dn: {ROOT}\nobjectClass:\ncn:\n\n", 1, "without their values"),
]


@pytest.mark.parametrize(("text", "line", "what"), MALFORMED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_malformed_text_is_named_with_its_line(opened: Opened, text: str, line: int | str, what: str, encoding: str) -> None:
    with pytest.raises(InputError) as wrong:
        opened(text.replace("\n", "\r\n").encode(encoding))
    assert what in wrong.value.what
    assert wrong.value.where == str(opened.folder / "a.ldif") + (f", line {line}" if line else "")
    assert wrong.value.exit_code == 9


def test_a_file_without_line_ends_is_not_read_into_memory(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adinspect.directory.ldif_records.LONGEST", 1000)
    with pytest.raises(InputError, match="a line does not end"):
        opened(entry(ROOT, "cn: " + "a" * 1000))


def test_each_file_must_hold_entries(opened: Opened) -> None:
    with pytest.raises(InputError) as wrong:
        opened(entry(ROOT), "\n")
    assert wrong.value.where.endswith("b.ldif")


@pytest.mark.parametrize("name", ["missing.ldif", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as wrong:
        open_files([tmp_path / name])
    assert wrong.value.where == str(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "rows", "what"),
    [
        (entry(ROOT) + entry(ADA, "mail: ada@con")[:-2], 1, "its last line, in the entry at line 4, has no end"),
        (entry(ROOT) + entry(ADA, "mail: ada@con", " toso")[:-2], 1, "has no end"),
        (entry(ROOT) + entry(ADA, "mail:: YWRh", " QGNv")[:-2], 1, "has no end"),
        (entry(ROOT) + "dn: CN=A", 1, "has no end"),
        (entry(ROOT) + entry(ADA, "mail:: YWRhQ")[:-1], 1, "the base64 at its end, in line 6, is not whole"),
        (listing("cn", entry(ROOT)).replace("0 Success", "4 Size limit exceeded"), 1, "a search with 4 Size limit exceeded"),
        (listing("cn", entry(ROOT)).replace("result: 0 Success", "result: 3"), 1, "a search with 3"),
        (HEADER.format(base=ROOT, asked="cn") + entry(ROOT), 1, "ldapsearch ends its output"),
        (listing("cn", entry(ROOT)) + HEADER.format(base=ROOT, asked="mail") + entry(ADA), 2, "ldapsearch ends its output"),
        (READABLE["ldapsearch, pages"].replace("cookie=\n", "cookie=BwA=\n"), 2, "the server had more pages"),
        (READABLE["ldapsearch -LLL, pages"].replace("# pagedresults: cookie=\n", ""), 2, "the server had more pages"),
        ((entry(ROOT) + entry(ADA)).encode("utf-16")[:-3], 1, "in the middle of a character"),
    ],
)
def test_a_cut_off_file_gives_what_it_holds_and_says_so(opened: Opened, text: str | bytes, rows: int, what: str) -> None:
    found = what_of(opened(text))
    assert found[0] == rows
    assert what in found[1]
    assert str(opened.folder / "a.ldif") in found[1]


@pytest.mark.parametrize("end", ["# numEntries: 2", "search: 2\nresult: 0 Success"])
def test_a_line_without_end_that_is_no_entry_cuts_nothing_off(opened: Opened, end: str) -> None:
    assert what_of(opened(entry(ROOT) + end)) == (1, "")


def test_every_search_in_a_cut_off_export_is_incomplete(opened: Opened) -> None:
    directory = opened(entry(ROOT) + "dn: CN=A", entry(CONFIGURATION))
    assert "cut off" in what_of(directory, text="(objectClass=nothing)")[1]
    with pytest.raises(IncompleteError):
        list(directory.search(Search(CONFIGURATION, parse("(objectClass=*)"), ("cn",), Scope.BASE)))


RANGED = [
    (("member;range=0-1: a", "member;range=0-1: b", "member;range=2-*: c"), [b"a", b"b", b"c"], False),
    (("member;range=0-*: a", "member;range=0-*: b"), [b"a", b"b"], False),
    (("member;range=2-*: c", "Member;Range=0-1: a", "member;range=0-1: b"), [b"a", b"b", b"c"], False),
    (("member;range=0-1: a", "member;range=0-1: b"), [b"a", b"b"], True),
    (("member;range=0-0: a", "member;range=2-*: c"), [b"a"], True),
    (("member;range=1-*: b",), [], True),
    (("member: x", "member: y", "member;range=0-0: x"), [b"x", b"y"], False),
    (("member;binary: a", "member: b"), [b"a", b"b"], False),
]


@pytest.mark.parametrize(("lines", "members", "partial"), RANGED)
def test_ranges_of_values_are_put_together(opened: Opened, lines: tuple[str, ...], members: list[bytes], partial: bool) -> None:
    directory = opened(entry(ROOT, "cn: x") + entry(ADA, *lines))
    found: list[bytes] = []
    said = ""
    try:
        for batch in directory.search(Search(ROOT, parse("(!(cn=x))"), ("member",))):
            (found,) = batch.column("member").to_pylist()
    except IncompleteError as error:
        said = error.what
    assert (found, said) == (members, f"{ADA} shows only some of its values of member" if partial else "")


def test_ranges_may_come_in_several_files(opened: Opened) -> None:
    first = entry(ADA, *["member;range=0-1: a"] * 2)
    assert values(opened(first, entry(ADA, "member;range=2-*: c")), "member") == {ADA: [b"a", b"a", b"c"]}


def test_missing_ranges_matter_to_searches_that_ask_for_them(opened: Opened) -> None:
    groups = "".join(entry(f"CN={number},{ROOT}", "member;range=0-0: a", "cn: x") for number in range(5))
    directory = opened(groups)
    assert what_of(directory, "cn") == (5, "")
    assert what_of(directory, "member", "(cn=y)") == (0, "")
    assert what_of(directory, "member")[1].endswith("; so do 2 others")


def test_secret_values_are_dropped_and_counted(opened: Opened) -> None:
    secrets = ("unicodePwd:: AA==", "msRTCSIP-AcpInfo: <a>", "msRTCSIP-AcpInfo: <b>", "msExchUMPinChecksum;binary: 1")
    directory = opened(full(ROOT, *secrets) + full(ADA))
    assert directory.dropped == {"unicodepwd": 1, "msrtcsip-acpinfo": 2, "msexchumpinchecksum": 1}
    assert list(values(directory, "cn", text="(msRTCSIP-AcpInfo=*)")) == [ROOT]
    with pytest.raises(ValueError, match="secret"):
        values(directory, "unicodePwd")


def test_that_there_was_a_secret_stays_known_when_attributes_are_chosen(opened: Opened) -> None:
    directory = opened(full(ROOT, "msRTCSIP-AcpInfo: <a>") + full(ADA), attributes=["mail"])
    assert list(values(directory, "mail", text="(msRTCSIP-AcpInfo=*)")) == [ROOT]


def test_only_chosen_attributes_are_kept(opened: Opened) -> None:
    directory = opened(full(ROOT, "mail: a", "cn: b"), attributes=["Mail"])
    assert values(directory, "mAIL") == {ROOT: [b"a"]}
    for wrong in (Search(ROOT, parse("(objectClass=*)"), ("cn",)), Search(ROOT, parse("(cn=*)"), ("mail",))):
        with pytest.raises(ValueError, match="opened without cn"):
            list(directory.search(wrong))


AGAIN = "Entries that were exported again and put together: 1."
DIFFERING = "Entries whose values differ between exports, where the ones read last count: 1."


@pytest.mark.parametrize(
    ("texts", "mail", "title", "remarks"),
    [
        ((entry(ADA, "mail: a"),), [b"a"], None, []),
        ((entry(ADA, "mail: a"), entry(ADA, "mail: a")), [b"a"], None, [AGAIN]),
        ((entry(ADA, "mail: a") * 3,), [b"a"], None, ["Entries that were exported again and put together: 2."]),
        ((entry(ADA, "mail: a"), entry(ADA.lower(), "TITLE: t")), [b"a"], [b"t"], [AGAIN]),
        ((entry(ADA, "mail: a", "mail: b"), entry(ADA, "mail: b", "mail: a")), [b"b", b"a"], None, [AGAIN]),
        (
            (entry(ADA, "mail: a", "title: t"), entry(ADA, "mail: b")),
            [b"b"],
            [b"t"],
            [AGAIN, DIFFERING],
        ),
        (
            (entry(ADA, "objectGUID: 1", "title: t"), entry(ADA, "objectGUID: 2", "mail: b")),
            [b"b"],
            None,
            [AGAIN, DIFFERING],
        ),
    ],
)
def test_an_object_in_several_exports_is_one_entry(
    opened: Opened, texts: tuple[str, ...], mail: list[bytes] | None, title: list[bytes] | None, remarks: list[str]
) -> None:
    directory = opened(*texts)
    assert list(values(directory, "mail").values()) == [mail]
    assert list(values(directory, "title").values()) == [title]
    assert list(directory.remarks) == remarks


ASKED = [
    pytest.param((full(ROOT, "cn: a"),), "cn mail objectGUID", "", id="ldifde"),
    pytest.param(
        (full(ROOT),),
        "memberOf tokenGroups nTSecurityDescriptor fooBL",
        "memberOf tokenGroups nTSecurityDescriptor fooBL",
        id="not in *",
    ),
    pytest.param(
        (full(ROOT, "memberOf: x", "nTSecurityDescriptor:: QQ=="),), "memberOf nTSecurityDescriptor", "", id="by name too"
    ),
    pytest.param((full(ROOT) + entry(ADA),), "mail", "mail", id="an entry of a list among those of *"),
    pytest.param((full(ROOT) + f"dn: {ADA}\n\n",), "mail", "", id="an entry nobody may read"),
    pytest.param((entry(ROOT, "mail: a") + entry(ADA),), "Mail cn", "cn", id="-LLL"),
    pytest.param((listing("CN mail", entry(ROOT)),), "cn Mail title", "title", id="a list"),
    pytest.param((listing("ALL", entry(ROOT)),), "cn memberOf", "memberOf", id="ALL"),
    pytest.param((listing("* memberOf", entry(ROOT)),), "cn memberOf tokenGroups", "tokenGroups", id="* and a name"),
    pytest.param((listing("cn", entry(ROOT)) + listing("mail", entry(ADA)),), "cn mail", "cn mail", id="two lists in a file"),
    pytest.param((listing("cn", entry(ROOT)) + listing("cn", entry(ADA, "mail: a")),), "cn mail", "", id="one list twice"),
    pytest.param(
        ("version: 1\n\n" + entry(ROOT, "cn: a") + "version: 1\n\n" + entry(ADA, "mail: a"),),
        "cn mail",
        "cn mail",
        id="-LL twice",
    ),
    pytest.param((entry(ROOT, "cn: a"), entry(ADA, "mail: a")), "cn mail", "cn mail", id="two files"),
    pytest.param(
        (entry(ROOT, "cn: a") + entry(ADA), entry(ROOT) + entry(ADA, "mail: a")), "cn mail title", "title", id="the same twice"
    ),
    pytest.param((entry(ROOT, "mail: a"), entry(CONFIGURATION, "cn: a")), "cn mail", "cn", id="another context"),
    pytest.param((entry(ROOT, "mail: a") + entry(CONFIGURATION, "cn: a"),), "cn mail", "cn", id="another context in the file"),
    pytest.param((entry(ROOT), full(CONFIGURATION)), "mail", "mail", id="* of another context"),
    pytest.param((full(ROOT, "member;range=0-*: a"),), "member", "", id="a range"),
    pytest.param((READABLE["ldapsearch, pages"],), "cn", "", id="pages"),
    pytest.param(
        ("version: 1\n\n" + entry(ROOT, "cn: a") + "# pagedresults: cookie=AgA=\nversion: 1\n\n" + entry(ADA),),
        "cn",
        "",
        id="-LL, pages",
    ),
]


@pytest.mark.parametrize(("texts", "attributes", "unasked"), ASKED)
def test_what_nobody_asked_for_is_told(opened: Opened, texts: tuple[str, ...], attributes: str, unasked: str) -> None:
    assert opened(*texts).unasked(attributes.split(), ROOT) == set(unasked.split())


@pytest.mark.parametrize(
    ("texts", "text", "rows", "without"),
    [
        ((entry(ROOT),), "(objectCategory=person)", 0, "objectcategory"),
        ((entry(ROOT, "objectCategory: CN=Person") + entry(ADA),), "(objectCategory=person)", 1, ""),
        ((full(ROOT),), "(objectCategory=person)", 0, ""),
        ((f"dn: {ROOT}\ncn: a\n\n",), "(objectClass=user)", 0, "objectclass"),
        ((f"dn: {ROOT}\ncn: a\n\n",), "(cn=b)", 0, ""),
        ((entry(ROOT),), "(&(objectClass=user)(mail=*))", 0, ""),
        ((entry(ROOT),), "(|(objectClass=top)(mail=*))", 1, ""),
        ((entry(ROOT),), "(!(mail=*))", 0, "mail"),
        ((entry(ROOT, "mail: a"), entry(ADA, "title: a")), "(&(mail=a)(title=a))", 0, "mail, title"),
        ((entry(ROOT),), "(msRTCSIP-AcpInfo=*)", 0, ""),
    ],
)
def test_entries_that_cannot_be_judged_make_a_search_incomplete(
    opened: Opened, texts: tuple[str, ...], text: str, rows: int, without: str
) -> None:
    expected = f"which entries match cannot be told without {without}, which the export does not show to have asked for"
    assert what_of(opened(*texts), text=text) == (rows, expected if without else "")


def test_several_files_are_one_forest(opened: Opened) -> None:
    directory = opened(full(CONFIGURATION), full(f"CN=Schema,{CONFIGURATION}"), full(ROOT) + full(ADA))
    assert directory.root.contexts == Contexts(CONFIGURATION, f"CN=Schema,{CONFIGURATION}", ROOT, (ROOT,))
    assert directory.root.source == "a.ldif, b.ldif, c.ldif"
    assert (directory.root.account, directory.root.token_sids, directory.remarks) == ("", frozenset(), ())


def test_files_of_several_forests_are_refused(opened: Opened) -> None:
    with pytest.raises(InputError, match="several forests"):
        opened(entry(CONFIGURATION), entry("CN=Configuration,DC=fabrikam,DC=com"))


@pytest.mark.parametrize(
    ("text", "stated", "forest", "root_domain"),
    [
        (entry(f"DC=emea,{ROOT}"), None, "emea.contoso.com", f"DC=emea,{ROOT}"),
        (entry(f"DC=emea,{ROOT}"), "contoso.com", "contoso.com", None),
        (entry(ROOT), "Contoso.com.", "contoso.com", ROOT),
        (entry(CONFIGURATION), "contoso.com", "contoso.com", None),
    ],
)
def test_the_root_of_the_forest_may_be_stated(
    opened: Opened, text: str, stated: str | None, forest: str, root_domain: str | None
) -> None:
    root = opened(text, root_forest=stated).root
    assert (root.forest, root.contexts.root_domain) == (forest, root_domain)


def test_another_root_than_the_configuration_tells_is_refused(opened: Opened) -> None:
    with pytest.raises(ConfigurationError, match=r"forest contoso\.com, not of fabrikam\.com"):
        opened(entry(CONFIGURATION), root_forest="fabrikam.com")


@pytest.fixture(scope="module")
def demo() -> LdifDirectory:
    attributes = {attribute for one in query.shipped().values() for attribute in one.attributes}
    return open_files([Path(str(definitions.folder("demo"))) / "forest.ldif"], attributes=attributes)


@pytest.mark.parametrize("name", sorted(query.shipped()))
def test_every_query_runs_to_its_end_in_the_forest_that_ships(demo: LdifDirectory, name: str) -> None:
    one = query.shipped()[name]
    contexts = demo.root.contexts
    base = {"configuration": contexts.configuration, "schema": contexts.schema}.get(one.bases[0], contexts.root_domain)
    batches = list(demo.search(Search(str(base), one.filter, one.attributes, one.scope)))
    assert all(batch.schema.names[: 1 + len(one.attributes)] == ["dn", *one.attributes] for batch in batches)


def test_the_users_of_the_forest_that_ships_are_found(demo: LdifDirectory) -> None:
    one = query.shipped()["users"]
    assert sum(len(batch) for batch in demo.search(Search("DC=contoso,DC=com", one.filter, one.attributes))) == 300
    assert not demo.unasked(one.attributes, "DC=contoso,DC=com")
