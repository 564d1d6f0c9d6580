import random
import struct
from uuid import UUID

import pyarrow as pa
import pytest

from adinspect import access
from adinspect.access import (
    EVERYTHING,
    LIST_CONTENTS,
    READ_PROPERTY,
    Ace,
    Attribute,
    Opening,
    Rights,
    grants,
    only_reads,
    opening,
    parse_dacl,
    readability,
)

ME, GROUP, OTHER = "S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-1199"
ACCOUNT = frozenset({ME, GROUP})

PHONE = UUID("bf967a49-0de6-11d0-a285-00aa003049e2")  # telephoneNumber
PERSONAL = UUID("77b5b886-944a-11d1-aebd-0000f80367c1")  # its property set, Personal-Information
TITLE = UUID("bf967a55-0de6-11d0-a285-00aa003049e2")
PUBLIC = UUID("e48d0154-bcf8-11d1-8702-00c04fb96050")  # title's property set, Public-Information
USER = UUID("bf967aba-0de6-11d0-a285-00aa003049e2")

KINDS = {"A": 0, "D": 1, "AU": 2, "OA": 5, "OD": 6, "OU": 7, "XA": 9, "XD": 10, "ZA": 11, "ZD": 12, "ML": 17}
FLAGS = {"CI": 0x02, "IO": 0x08, "ID": 0x10, "SA": 0x40}
RIGHTS = {"CC": 0x1, "LC": 0x4, "RP": 0x10, "WP": 0x20, "LO": 0x80, "CR": 0x100, "RC": 0x20000} | {
    "GA": 0x10000000,
    "GX": 0x20000000,
    "GW": 0x40000000,
    "GR": 0x80000000,
}
TRUSTEES = {"WD": "S-1-1-0", "AU": "S-1-5-11", "PS": "S-1-5-10", "RU": "S-1-5-32-554", "CO": "S-1-3-0"} | {
    "me": ME,
    "group": GROUP,
    "other": OTHER,
}
GUIDS = {"phone": PHONE, "personal": PERSONAL, "title": TITLE, "public": PUBLIC, "user": USER}


def packed_sid(text: str) -> bytes:
    authority, *subauthorities = map(int, text.split("-")[2:])
    return (
        struct.pack(">BB", 1, len(subauthorities))
        + authority.to_bytes(6, "big")
        + struct.pack(f"<{len(subauthorities)}I", *subauthorities)
    )


def packed_ace(text: str) -> bytes:
    """The octets of an entry in the manner of SDDL: type;flags;rights;object type;inherited object type;trustee."""
    kind, flags, rights, object_type, inherited, trustee = text.split(";")
    body = struct.pack("<I", sum(RIGHTS[right] for right in pairs(rights)))
    if 5 <= KINDS[kind] <= 8 or KINDS[kind] in {11, 12}:
        body += struct.pack("<I", bool(object_type) + 2 * bool(inherited))
        body += b"".join((GUIDS.get(name) or UUID(name)).bytes_le for name in (object_type, inherited) if name)
    body += packed_sid(TRUSTEES.get(trustee, trustee))
    if kind[0] in "XZ":
        body += b"artx\0\0\0\0"
    return struct.pack("<BBH", KINDS[kind], sum(FLAGS[flag] for flag in pairs(flags)), 4 + len(body)) + body


def pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]


def packed(text: str, control: int = 0x8004) -> bytes:
    """A descriptor whose DACL has these entries, written (...)(...)."""
    aces = [packed_ace(entry) for entry in text.strip("()").split(")(")] if text else []
    body = b"".join(aces)
    return struct.pack("<BxHIIII", 1, control, 0, 0, 0, 20) + struct.pack("<BxHHxx", 4, 8 + len(body), len(aces)) + body


NULL_DACL = struct.pack("<BxHIIII", 1, 0x8004, 0, 0, 0, 0)


def rights(text: str, own_sid: str | None = None, object_class: UUID | None = None) -> Rights:
    return Rights.of(parse_dacl(packed(text)), ACCOUNT, own_sid=own_sid, object_class=object_class)


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("nothing is given", "", False),
        ("the whole object", "(A;;RP;;;group)", True),
        ("the property set", "(OA;;RP;personal;;group)", True),
        ("the attribute", "(OA;;RP;phone;;me)", True),
        ("an object entry without an object type is the whole object", "(OA;;RP;;;me)", True),
        ("an inherited object type does not matter to the object itself", "(OA;CIID;RP;phone;user;me)", True),
        ("no object type, but an inherited one", "(OA;CIID;RP;;user;me)", True),
        ("another attribute", "(OA;;RP;title;;me)", False),
        ("another property set", "(OA;;RP;public;;me)", False),
        ("the class, though the caller does not know it", "(OA;;RP;user;;me)", False),
        ("everyone", "(A;;RP;;;WD)", True),
        ("authenticated users", "(A;;RP;;;AU)", True),
        ("another account", "(A;;RP;;;other)", False),
        ("a group that is not in the token: pre-Windows 2000 compatible access", "(A;;RP;;;RU)", False),
        ("creator owner is nobody on the object itself", "(A;;GA;;;CO)", False),
        ("principal self of an object that is not the account", "(A;;RP;;;PS)", False),
        ("other rights", "(A;;LCWPLORC;;;me)", False),
        ("the control access right alone", "(A;;CR;;;me)", False),
        ("generic read", "(A;;GR;;;me)", True),
        ("generic all", "(A;;GA;;;me)", True),
        ("generic write and execute", "(A;;GWGX;;;me)", False),
        ("generic read of the attribute", "(OA;;GR;phone;;me)", True),
        ("for children only", "(A;CIIO;RP;;;me)", False),
        ("denied for children only", "(D;CIIO;RP;;;me)(A;;RP;;;me)", True),
        ("for children too", "(A;CI;RP;;;me)", True),
        ("inherited", "(A;ID;RP;;;me)", True),
        ("audited", "(AU;SA;RP;;;me)(OU;SA;RP;phone;;me)(ML;;RP;;;me)", False),
        ("auditing does not come in between", "(AU;SA;RP;;;me)(A;;RP;;;me)", True),
    ],
)
def test_an_attribute_can_be_read(what: str, dacl: str, expected: bool) -> None:
    assert rights(dacl).may_read(PHONE, PERSONAL, False) is expected, what


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("the attribute denied before its set is allowed", "(OD;;RP;phone;;me)(OA;;RP;personal;;group)", False),
        ("the attribute denied before all is allowed", "(OD;;RP;phone;;me)(A;;RP;;;group)", False),
        ("the set denied before the attribute is allowed", "(OD;;RP;personal;;me)(OA;;RP;phone;;me)", False),
        ("all denied before the attribute is allowed", "(D;;RP;;;me)(OA;;RP;phone;;me)", False),
        ("all denied by generic read", "(D;;GR;;;me)(A;;RP;;;me)", False),
        ("the class denied, not known", "(OD;;RP;user;;me)(A;;RP;;;me)", True),
        ("another attribute of the set denied", "(OD;;RP;title;;me)(OA;;RP;personal;;me)", True),
        ("another right denied", "(D;;WPCR;;;me)(A;;RP;;;me)", True),
        ("another account denied", "(D;;RP;;;other)(A;;RP;;;me)", True),
        ("a group denied, the user allowed", "(D;;RP;;;group)(A;;RP;;;me)", False),
        ("not canonical: allowed before denied", "(A;;RP;;;me)(D;;RP;;;me)", True),
        ("not canonical: the set allowed before the attribute is denied", "(OA;;RP;personal;;me)(OD;;RP;phone;;me)", True),
        ("not canonical: the attribute allowed before all is denied", "(OA;;RP;phone;;me)(D;;RP;;;WD)", True),
        ("explicitly allowed, denied by inheritance", "(A;;RP;;;me)(D;ID;RP;;;me)", True),
        ("explicitly denied, allowed by inheritance", "(OD;;RP;phone;;me)(A;ID;RP;;;me)", False),
        ("not canonical: inherited before explicit", "(D;ID;RP;;;me)(A;;RP;;;me)", False),
    ],
)
def test_the_first_entry_that_speaks_of_an_attribute_decides(what: str, dacl: str, expected: bool) -> None:
    assert rights(dacl).may_read(PHONE, PERSONAL, False) is expected, what


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("conditionally allowed", "(XA;;RP;;;me)", None),
        ("conditionally allowed the attribute", "(ZA;;RP;phone;;me)", None),
        ("conditionally allowed another attribute", "(ZA;;RP;title;;me)", False),
        ("conditionally allowed to another account", "(XA;;RP;;;other)", False),
        ("conditionally allowed another right", "(XA;;WP;;;me)", False),
        ("conditionally allowed, then allowed", "(XA;;RP;;;me)(A;;RP;;;me)", True),
        ("conditionally allowed, then denied", "(XA;;RP;;;me)(D;;RP;;;me)", None),
        ("conditionally denied", "(XD;;RP;;;me)", False),
        ("conditionally denied, then allowed", "(XD;;RP;;;me)(A;;RP;;;me)", None),
        ("conditionally denied the attribute, then allowed", "(ZD;;RP;phone;;me)(A;;RP;;;me)", None),
        ("conditionally denied, then denied", "(XD;;RP;;;me)(D;;RP;;;me)", False),
        ("conditionally allowed and denied, then allowed", "(XA;;RP;;;me)(XD;;RP;;;me)(A;;RP;;;me)", None),
        ("conditionally denied too late", "(A;;RP;;;me)(XD;;RP;;;me)", True),
        ("conditionally allowed too late", "(D;;RP;;;me)(XA;;RP;;;me)", False),
    ],
)
def test_a_condition_leaves_open_what_it_would_decide(what: str, dacl: str, expected: bool | None) -> None:
    assert rights(dacl).may_read(PHONE, PERSONAL, False) is expected, what


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("read alone", "(A;;RP;;;me)", False),
        ("generic read", "(A;;GR;;;me)", False),
        ("control alone", "(A;;CR;;;me)", False),
        ("both", "(A;;RPCR;;;me)", True),
        ("generic all", "(A;;GA;;;me)", True),
        ("read of all, control of the attribute", "(A;;RP;;;AU)(OA;;CR;phone;;me)", True),
        ("control of the set, read of the attribute", "(OA;;CR;personal;;group)(OA;;RP;phone;;me)", True),
        ("control of another attribute", "(A;;RP;;;me)(OA;;CR;title;;me)", False),
        ("control denied", "(OD;;CR;phone;;me)(A;;GA;;;me)", False),
        ("read denied", "(OD;;RP;phone;;me)(A;;GA;;;me)", False),
        ("control denied too late", "(A;;GA;;;me)(D;;CR;;;me)", True),
        ("control by condition", "(A;;RP;;;me)(XA;;CR;;;me)", None),
        ("control by condition, no read", "(XA;;CR;;;me)", False),
        ("read by condition, control", "(XA;;RP;;;me)(A;;CR;;;me)", None),
        ("read by condition, no control", "(XA;;RP;;;me)", False),
        ("both by condition", "(XA;;RPCR;;;me)", None),
    ],
)
def test_a_confidential_attribute_needs_control_access_too(what: str, dacl: str, expected: bool | None) -> None:
    assert rights(dacl).may_read(PHONE, PERSONAL, True) is expected, what


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("nothing is given", "", False),
        ("the whole object", "(A;;RP;;;me)", True),
        ("the whole object, then some attribute denied", "(A;;RP;;;me)(OD;;RP;phone;;me)", True),
        ("some attribute", "(OA;;RP;phone;;me)", None),
        ("some attribute denied, then all allowed", "(OD;;RP;phone;;me)(A;;RP;;;me)", None),
        ("some attribute denied", "(OD;;RP;phone;;me)", False),
    ],
)
def test_without_a_schema_entries_for_single_attributes_leave_it_open(what: str, dacl: str, expected: bool | None) -> None:
    assert rights(dacl).may_read(None, None, False) is expected, what


def test_a_property_set_says_nothing_of_an_attribute_outside_it() -> None:
    assert rights("(OA;;RP;personal;;me)").may_read(PHONE, None, False) is False


@pytest.mark.parametrize(("dacl", "expected"), [("(OA;;RP;user;;me)", True), ("(OD;;RP;user;;me)(A;;RP;;;me)", False)])
def test_an_entry_for_the_class_of_the_object_is_for_the_whole_object(dacl: str, expected: bool) -> None:
    assert rights(dacl, object_class=USER).may_read(PHONE, PERSONAL, False) is expected


@pytest.mark.parametrize(("own_sid", "expected"), [(ME, True), (GROUP, True), (OTHER, False), (None, False)])
def test_principal_self_is_the_account_on_an_object_whose_sid_it_has(own_sid: str | None, expected: bool) -> None:
    assert rights("(OA;;RP;personal;;PS)", own_sid).may_read(PHONE, PERSONAL, False) is expected


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("nothing is given", "", False),
        ("list contents", "(A;;LC;;;AU)", True),
        ("generic read", "(A;;GR;;;me)", True),
        ("generic execute", "(A;;GX;;;me)", True),
        ("generic write", "(A;;GW;;;me)", False),
        ("read property is another right", "(A;;RPLO;;;me)", False),
        ("denied first", "(D;;LC;;;group)(A;;LC;;;me)", False),
        ("denied too late", "(A;;LC;;;me)(D;;LC;;;group)", True),
        ("for children only", "(A;CIIO;LC;;;me)", False),
        ("of something below", "(OA;;LC;phone;;me)", False),
        ("by condition", "(XA;;LC;;;me)", None),
    ],
)
def test_children_can_be_listed(what: str, dacl: str, expected: bool | None) -> None:
    assert rights(dacl).may_list() is expected, what


def test_no_list_lets_everybody_do_everything_and_an_empty_one_nobody_anything() -> None:
    null, empty = Rights.of(parse_dacl(NULL_DACL), frozenset()), Rights.of(parse_dacl(packed("")), ACCOUNT)
    assert (null.may_read(PHONE, PERSONAL, True), null.may_list(), grants(null.aces, OTHER)) == (True, True, EVERYTHING)
    assert (empty.may_read(PHONE, PERSONAL, True), empty.may_list(), grants(empty.aces, ME)) == (False, False, 0)


@pytest.mark.parametrize(
    ("what", "dacl", "expected"),
    [
        ("nothing", "", 0),
        ("one entry", "(A;;LCRP;;;group)", LIST_CONTENTS | READ_PROPERTY),
        ("several entries, inherited ones too", "(A;;LC;;;group)(A;CIID;RP;;;group)", LIST_CONTENTS | READ_PROPERTY),
        ("an object entry without an object type", "(OA;CI;RP;;user;group)", READ_PROPERTY),
        ("generic read", "(A;;GR;;;group)", 0x20094),
        ("generic all", "(A;;GA;;;group)", EVERYTHING),
        ("denied is not looked at", "(D;;RP;;;group)(A;;RP;;;group)", READ_PROPERTY),
        ("a denial gives nothing", "(D;;RP;;;group)", 0),
        ("one attribute", "(OA;;RP;phone;;group)", 0),
        ("for children only", "(A;CIIO;RP;;;group)", 0),
        ("by condition", "(XA;;RP;;;group)", 0),
        ("to everyone is not to this SID", "(A;;RP;;;WD)", 0),
    ],
)
def test_rights_given_to_one_sid(what: str, dacl: str, expected: int) -> None:
    assert grants(parse_dacl(packed(dacl)), GROUP) == expected, what


@pytest.mark.parametrize(
    ("what", "dacl", "groups", "denied"),
    [
        ("a group that may", "(A;;RP;;;other)", {OTHER}, set()),
        ("the account already may", "(A;;RP;;;me)(A;;RP;;;other)", set(), set()),
        ("nobody may", "", set(), set()),
        ("whoever is no group that could be joined", "(A;;RP;;;CO)", set(), set()),
        ("another right", "(A;;LC;;;other)", set(), set()),
        ("denied first", "(D;;RP;;;me)(A;;RP;;;other)", set(), {ME}),
        ("denied to a group of the account", "(D;;RP;;;group)(A;;RP;;;other)", set(), {GROUP}),
        ("denied, and given to all", "(D;;RP;;;me)(A;;RP;;;AU)", set(), {ME}),
        ("denied later than it is given", "(A;;RP;;;other)(D;;RP;;;me)(A;;RP;;;WD)", {OTHER}, {ME}),
        ("denied, and given to nobody", "(D;;RP;;;me)", set(), set()),
        ("denied to those who join", "(D;;RP;;;other)(A;;RP;;;other)", set(), set()),
        ("by condition", "(XA;;RP;;;other)", set(), set()),
    ],
)
def test_what_would_show_what_is_kept_from_an_account(what: str, dacl: str, groups: set[str], denied: set[str]) -> None:
    joining = {OTHER: frozenset({OTHER})}
    found = opening(parse_dacl(packed(dacl)), ACCOUNT, joining, lambda rights: rights.may_read(PHONE, None, False))
    assert found == Opening(frozenset(groups), frozenset(denied)), what


@pytest.mark.parametrize(
    ("dacl", "expected"),
    [
        ("(A;;LCRPLORC;;;group)", True),
        ("(A;;GR;;;group)", True),
        ("(A;;RPWP;;;group)", False),
        ("(A;;CR;;;group)", False),
        ("(OA;;CR;phone;;group)", True),
        ("(OA;;WP;phone;;group)", False),
        ("(A;;RPWP;;;other)", True),
        ("(D;;WP;;;group)(A;;RP;;;group)", True),
    ],
)
def test_whether_entries_give_a_group_more_than_reading(dacl: str, expected: bool) -> None:
    assert only_reads(parse_dacl(packed(dacl)), GROUP) is expected


@pytest.mark.parametrize(
    ("dacl", "expected"),
    [
        ("(A;;RP;;;me)", 0),
        ("(A;CI;RP;;;me)", 1),
        ("(A;CIIO;RP;;;me)", 1),
        ("(OA;CI;RP;phone;;me)", 1),
        ("(OA;CI;RP;;user;me)", 0),
        ("(AU;CISA;RP;;;me)", 0),
    ],
)
def test_entries_that_are_passed_on(dacl: str, expected: int) -> None:
    assert len(parse_dacl(packed(dacl), passed_on=True) or ()) == expected


# Packed by Samba 4.17 (security.descriptor.from_sddl, ndr_pack) from the SDDL beside them.
FROM_SDDL = {
    "D:": "01000480000000000000000000000000140000000400080000000000",
    "D:(A;;GA;;;WD)": "010004800000000000000000000000001400000004001c00010000000000140000000010010100000000000100000000",
    "D:PAI(A;;RPLCLORC;;;AU)(A;CIIO;GA;;;CO)": (
        "01000494000000000000000000000000140000000400300002000000000014009400020001010000000000050b000000"
        "000a140000000010010100000000000300000000"
    ),
    # owner, group and SACL stand before the DACL
    "O:DAG:DAD:AI(D;;WP;;;WD)(OA;;RP;1f298a89-de98-47b8-b5cd-572ad53d267e;;AU)"
    "(OD;CI;RP;b1b3a417-ec55-4191-b327-b72e33e38af2;;S-1-5-21-1004336348-1177238915-682003330-1105)"
    "(OA;CIIO;RPLCLORC;;bf967a9c-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIID;RP;4c164200-20c0-11d0-a768-00aa006e0529;bf967aba-0de6-11d0-a285-00aa003049e2;RU)"
    "(OA;CIID;RPWPCR;91e647de-d96f-4b70-9557-d63ff4f3ccd8;;PS)"
    "S:AI(OU;CIIDSA;WP;f30e3bbe-9ff0-11d1-b603-0000f80367c1;bf967aa5-0de6-11d0-a285-00aa003049e2;WD)": (
        "0100148c14000000300000004c0000008c000000010500000000000515000000dcf4dc3b833d2b46828ba62800020000"
        "010500000000000515000000dcf4dc3b833d2b46828ba628000200000400400001000000075238002000000003000000"
        "be3b0ef3f09fd111b6030000f80367c1a57a96bfe60dd011a28500aa003049e201010000000000010000000004000c01"
        "060000000100140020000000010100000000000100000000050028001000000001000000898a291f98deb847b5cd572a"
        "d53d267e01010000000000050b00000006023800100000000100000017a4b3b155ec9141b327b72e33e38af201050000"
        "0000000515000000dcf4dc3b833d2b46828ba62851040000050a2c0094000200020000009c7a96bfe60dd011a28500aa"
        "003049e20102000000000005200000002a02000005123c0010000000030000000042164cc020d011a76800aa006e0529"
        "ba7a96bfe60dd011a28500aa003049e20102000000000005200000002a020000051228003001000001000000de47e691"
        "6fd9704b9557d63ff4f3ccd801010000000000050a000000"
    ),
}
SHORT, PLAIN, MANY = list(FROM_SDDL)[1:]
DESCRIPTORS = {sddl: bytes.fromhex(octets) for sddl, octets in FROM_SDDL.items()}


@pytest.mark.parametrize(
    ("sddl", "expected"),
    [
        ("D:", ()),
        (SHORT, (Ace(True, 0xF01FF, "S-1-1-0"),)),
        (PLAIN, (Ace(True, 0x20094, "S-1-5-11"),)),
        (
            MANY,
            (
                Ace(False, 0x20, "S-1-1-0"),
                Ace(True, 0x10, "S-1-5-11", UUID("1f298a89-de98-47b8-b5cd-572ad53d267e")),
                Ace(
                    False,
                    0x10,
                    "S-1-5-21-1004336348-1177238915-682003330-1105",
                    UUID("b1b3a417-ec55-4191-b327-b72e33e38af2"),
                ),
                Ace(True, 0x10, "S-1-5-32-554", UUID("4c164200-20c0-11d0-a768-00aa006e0529")),
                Ace(True, 0x130, "S-1-5-10", UUID("91e647de-d96f-4b70-9557-d63ff4f3ccd8")),
            ),
        ),
    ],
)
def test_descriptors_that_another_program_packed(sddl: str, expected: tuple[Ace, ...]) -> None:
    assert parse_dacl(DESCRIPTORS[sddl]) == expected


@pytest.mark.parametrize("sddl", FROM_SDDL)
def test_the_builder_of_these_tests_packs_as_the_other_program_does(sddl: str) -> None:
    entries = sddl.partition("D:")[2].partition("S:")[0].lstrip("PAI")
    dacl = packed(entries)[20:]
    assert dacl in DESCRIPTORS[sddl]


def test_conditional_entries_are_marked() -> None:
    assert parse_dacl(packed("(XA;;RP;;;me)(ZD;;RP;phone;;me)")) == (
        Ace(True, READ_PROPERTY, ME, conditional=True),
        Ace(False, READ_PROPERTY, ME, PHONE, conditional=True),
    )


@pytest.mark.parametrize(
    ("sid", "expected"),
    [
        ("S-1-0", "S-1-0"),
        ("S-1-5-" + "-".join(["4294967295"] * 15), "S-1-5-" + "-".join(["4294967295"] * 15)),
        ("S-1-4294967295-1", "S-1-4294967295-1"),
        ("S-1-4294967296-1", "S-1-0x000100000000-1"),
    ],
)
def test_sids_are_written_as_windows_writes_them(sid: str, expected: str) -> None:
    assert parse_dacl(packed(f"(A;;RP;;;{sid})")) == (Ace(True, READ_PROPERTY, expected),)


def changed(descriptor: bytes, offset: int, octets: bytes) -> bytes:
    return descriptor[:offset] + octets + descriptor[offset + len(octets) :]


ONE = packed("(OA;;RP;phone;;WD)")
"""Header at 0, list at 20, entry at 28, its mask at 32, flags at 36, object type at 40, SID at 56; 68 octets."""


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        (b"", "0 octets is cut off"),
        (changed(ONE, 0, b"\2"), "revision 2, control 0x8004"),
        (changed(ONE, 2, b"\4\0"), "not a self-relative"),
        (changed(ONE, 2, b"\0\x80"), "without its DACL"),
        (changed(NULL_DACL, 2, b"\0\x80"), "without its DACL"),
        (changed(ONE, 16, b"\x13\0\0\0"), "at octet 19 .* in its header"),
        (changed(ONE, 16, b"\x3d\0\0\0"), "68 octets is cut off"),
        (changed(ONE, 16, b"\xff\xff\xff\xff"), "68 octets is cut off"),
        (changed(ONE, 20, b"\5"), "access list of revision 5"),
        (changed(ONE, 22, b"\x31\0"), "access list of 49 octets at octet 20 of 68"),
        (changed(ONE, 22, b"\7\0"), "68 octets is cut off"),
        (changed(ONE, 22, b"\0\0"), "access list of 0 octets"),
        (changed(ONE, 24, b"\2\0"), "68 octets is cut off"),
        (changed(ONE, 28, b"\4"), "unknown type 4"),
        (changed(ONE, 28, b"\x14"), "unknown type 20"),
        (changed(ONE, 30, b"\0\0"), "entry of 0 octets at octet 8 of 48"),
        (changed(ONE, 30, b"\x29\0"), "entry of 41 octets at octet 8 of 48"),
        (changed(ONE, 30, b"\x27\0"), "68 octets is cut off"),
        (changed(ONE, 30, b"\x1b\0"), "object type of 16 octets at octet 12 of 27"),
        (changed(ONE, 36, b"\3"), "68 octets is cut off"),
        (changed(ONE, 56, b"\2"), "SID of revision 2"),
        (changed(ONE, 57, b"\2"), "68 octets is cut off"),
        (changed(ONE, 57, b"\x10"), "SID of revision 1 with 16 subauthorities"),
    ],
)
def test_malformed_descriptors_are_refused(descriptor: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_dacl(descriptor)


def test_entries_that_are_left_out_are_still_checked() -> None:
    with pytest.raises(ValueError, match="SID of revision 0"):
        parse_dacl(changed(packed("(A;CIIO;RP;;;WD)"), 36, b"\0"))


@pytest.mark.parametrize("sddl", FROM_SDDL)
def test_a_descriptor_that_is_cut_off_is_refused_wherever_it_ends(sddl: str) -> None:
    whole = DESCRIPTORS[sddl]
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="octets"):
            parse_dacl(whole[:length])


def test_damaged_octets_are_refused_or_read_never_anything_else() -> None:
    chance = random.Random(20130401)  # noqa: S311 # damage has to be the same in every run, not secret
    outcomes = {"read": 0, "refused": 0}
    for _ in range(20_000):
        octets = bytearray(DESCRIPTORS[chance.choice([SHORT, PLAIN, MANY])])
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(len(octets))] = chance.choice([0, 1, 4, 0x7F, 0xFF, chance.randrange(256)])
        try:
            Rights.of(parse_dacl(bytes(octets)), ACCOUNT).may_read(PHONE, PERSONAL, True)
            outcomes["read"] += 1
        except ValueError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 1000, outcomes


ATTRIBUTES = [
    Attribute("telephoneNumber", PHONE, PERSONAL),
    Attribute("title", TITLE, PUBLIC),
    Attribute("msPKIRoamingTimeStamp", UUID("6617e4ac-a2f1-43ab-b60c-11fbd1facf05"), PERSONAL, confidential=True),
]
PERSONAL_ONLY, ALL, PERHAPS, SELF_ONLY = map(packed, ("(OA;;RP;personal;;me)", "(A;;GA;;;me)", "(XA;;RP;;;me)", "(A;;RP;;;PS)"))
CELLS = [[PERSONAL_ONLY], None, [ALL], [], [PERSONAL_ONLY], [PERHAPS], [None], [b"malformed"], [ALL, ALL], [NULL_DACL]]
SEEN = {
    "telephoneNumber": [True, None, True, None, True, None, None, None, None, True],
    "title": [False, None, True, None, False, None, None, None, None, True],
    "msPKIRoamingTimeStamp": [False, None, True, None, False, False, None, None, None, True],
}
LISTS = pa.array(CELLS, pa.list_(pa.binary()))


@pytest.mark.parametrize(
    "column",
    [
        LISTS,
        LISTS.cast(pa.large_list(pa.large_binary())),
        pa.chunked_array([LISTS.slice(0, 4), LISTS.slice(4, 0), LISTS.slice(4)]),
        pa.array([[ALL], *CELLS, [ALL]], LISTS.type).slice(1, len(CELLS)),
        pa.array([cell[0] if cell and len(cell) == 1 else None for cell in CELLS], pa.binary()),
    ],
    ids=["lists", "large lists", "chunks", "slice", "one value a row"],
)
def test_each_row_and_attribute_is_answered(column: pa.Array | pa.ChunkedArray) -> None:
    seen = readability(column, ATTRIBUTES, ACCOUNT)
    assert {name: seen.of(name).to_pylist() for name in SEEN} == SEEN
    assert seen.of("title").type == pa.bool_()


@pytest.mark.parametrize("column", [LISTS.slice(0, 0), pa.chunked_array([], LISTS.type), pa.array([], pa.binary())])
def test_no_rows_have_no_answers(column: pa.Array | pa.ChunkedArray) -> None:
    assert readability(column, ATTRIBUTES, ACCOUNT, own_sids=pa.array([], pa.string())).of("title").to_pylist() == []


def test_rows_without_any_descriptor_are_all_open() -> None:
    assert readability(pa.nulls(3, pa.binary()), ATTRIBUTES, ACCOUNT).of("title").to_pylist() == [None, None, None]


def test_each_descriptor_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []

    def counted(descriptor: bytes) -> access.Dacl:
        parsed.append(descriptor)
        return parse_dacl(descriptor)

    monkeypatch.setattr(access, "parse_dacl", counted)
    readability(pa.array([[ALL], [PERHAPS], [ALL]] * 1000, LISTS.type), ATTRIBUTES, ACCOUNT)
    assert sorted(parsed) == sorted([ALL, PERHAPS])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_accounts_own_rows_are_evaluated_as_its_own(kind: pa.DataType) -> None:
    descriptors = pa.array([SELF_ONLY, SELF_ONLY, SELF_ONLY, None, ALL], pa.binary())
    own_sids = pa.chunked_array([pa.array([ME, OTHER], kind), pa.array([None, ME, ME], kind)])
    seen = readability(descriptors, ATTRIBUTES, ACCOUNT, own_sids=own_sids)
    assert seen.of("title").to_pylist() == [True, False, False, None, True]


def test_no_row_is_the_accounts_own() -> None:
    seen = readability(pa.array([SELF_ONLY], pa.binary()), ATTRIBUTES, ACCOUNT, own_sids=pa.array([OTHER]))
    assert seen.of("title").to_pylist() == [False]


def test_own_sids_of_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="1 SIDs for 2 security descriptors"):
        readability(pa.array([ALL, ALL], pa.binary()), ATTRIBUTES, ACCOUNT, own_sids=pa.array([ME]))


def test_rows_are_evaluated_as_objects_of_their_class() -> None:
    column = pa.array([packed("(OA;;RP;user;;me)")], pa.binary())
    assert readability(column, ATTRIBUTES, ACCOUNT).of("title").to_pylist() == [False]
    assert readability(column, ATTRIBUTES, ACCOUNT, object_class=USER).of("title").to_pylist() == [True]
