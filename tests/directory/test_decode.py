from __future__ import annotations

import struct
import uuid
from typing import Any

import pyarrow as pa
import pytest

from adinspect import definitions, frames, query
from adinspect.directory.decode import NAMESPACE, Decoded, decode

GUID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
SID = bytes([1, 2, 0, 0, 0, 0, 0, 5]) + struct.pack("<2I", 32, 544)


def made(columns: str, *, tables: str = "", each: str = "") -> query.Query:
    head = f'title = "T"\ndescription = "D"\nbase = "domains"\nfilter = "(objectClass=*)"\nidentity = "name"\n{each}\n'
    return query.load(
        definitions.parse(
            f'{head}[columns]\nname = {{ attribute = "cn", says = "Name." }}\n{columns}\n{tables}', "queries/things.toml"
        )
    )


def page(one: query.Query, *entries: dict[str, list[bytes]]) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {
        "dn": pa.array([entry.get("dn", [b"CN=a,DC=contoso,DC=com"])[0] for entry in entries], pa.binary())
    }
    for name in one.attributes:
        guid = [GUID.bytes_le] if name == "objectGUID" else None
        columns[name] = pa.array([entry.get(name, guid) for entry in entries], pa.list_(pa.binary()))
    return pa.record_batch(columns)


def read(one: query.Query, *entries: dict[str, list[bytes]], **present: list[bytes]) -> Decoded:
    return decode(one, page(one, *entries), {name: pa.array(dns, pa.binary()) for name, dns in present.items()})


@pytest.mark.parametrize(
    ("kind", "octets", "value"),
    [
        ('type = "str"', "Zoë".encode(), "Zoë"),
        ('type = "str"', b"", ""),
        ('type = "str"', b"nul\0inside", "nul\0inside"),
        ('type = "int"', b"-1879048192", -1879048192),
        ('type = "int"', b"9223372036854775807", 2**63 - 1),
        ('type = "bool"', b"TRUE", True),
        ('type = "bool"', b"FALSE", False),
        ('type = "bit", bit = 128', b"385", True),
        ('type = "bit", bit = 128', b"257", False),
        ('type = "bit", bit = 128', b"-1", True),
        ('type = "guid"', GUID.bytes_le, str(GUID)),
        ('type = "sid"', SID, "S-1-5-32-544"),
        ('type = "filetime"', b"116444736000000000", 0),
        ('type = "filetime"', b"0", None),
        ('type = "filetime"', b"9223372036854775807", None),
        ('type = "time"', b"20261124080000.0Z", 1795507200),
        ('type = "time"', b"20261124080000Z", 1795507200),
        ('type = "version", part = "major"', b"Version 15.1 (Build 32507.6)", 15),
        ('type = "version", part = "minor"', b"Version 15.1 (Build 32507.6)", 1),
        ('type = "version", part = "build"', b"Version 15.1 (Build 32507.6)", 2507),
        ('type = "version", part = "build"', b"Version 6.5 (Build 7638.1)", 7638),
        ('type = "base64"', b"\0\xff", "AP8="),
    ],
)
def test_octets_become_values(kind: str, octets: bytes, value: Any) -> None:
    one = made(f'value = {{ attribute = "a", {kind}, says = "V." }}')
    decoded = read(one, {"a": [octets]})
    found = decoded.tables["things"]["value"][0].as_py()
    assert (found.timestamp() if hasattr(found, "timestamp") else found) == value
    assert not decoded.undecoded


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        ('type = "str"', b"caf\xe9"),
        ('type = "int"', b"12x"),
        ('type = "int"', b""),
        ('type = "int"', b"9223372036854775808"),
        ('type = "int"', b" 1"),
        ('type = "bool"', b"true"),
        ('type = "bit", bit = 1', b"one"),
        ('type = "guid"', b"short"),
        ('type = "sid"', SID[:-1]),
        ('type = "sid"', b"\1"),
        ('type = "time"', b"2026"),
        ('type = "time"', b"20261399080000.0Z"),
        ('type = "filetime"', b"never"),
        ('type = "filetime"', b"9223372036854775806"),
        ('type = "filetime"', b"-10000000000"),
        ('type = "time"', b"00010101000000.0Z"),
        ('type = "version", part = "major"', b"15.1"),
    ],
)
def test_what_cannot_be_decoded_is_kept_and_said_and_leaves_its_neighbours_alone(kind: str, octets: bytes) -> None:
    one = made(f'value = {{ attribute = "a", {kind}, says = "V." }}')
    decoded = read(one, {"a": [octets]}, {"cn": [b"other"]})
    assert decoded.tables["things"]["value"].to_pylist() == [None, None]
    (said,) = decoded.undecoded
    assert (said.table, said.column, said.guid, said.octets) == ("things", "value", str(GUID), octets)


def test_absent_means_what_the_query_says_and_otherwise_missing() -> None:
    one = made(
        'on = { attribute = "a", type = "bool", absent = true, says = "V." }\n'
        'maybe = { attribute = "a", type = "bool", says = "V." }'
    )
    table = read(one, {}).tables["things"]
    assert table["on"].to_pylist() == [True]
    assert table["maybe"].to_pylist() == [None]
    frame = frames.frame(pa.table([column.combine_chunks() for column in table.columns], schema=frames.schema(one.table)))
    assert str(frame["on"].dtype) == "bool"
    assert str(frame["maybe"].dtype) == "boolean"


def test_the_most_specific_class_is_the_last_value_and_any_other_column_takes_the_least() -> None:
    one = made(
        'kind = { attribute = "objectClass", type = "class", says = "V." }\n'
        'other = { attribute = "serialNumber", says = "V." }\nsingle = { attribute = "cn", says = "V." }'
    )
    for given in ([b"b", b"a", b"c"], [b"a", b"c", b"b"]):
        entry = {"objectClass": [b"top", b"user", b"inetOrgPerson"], "serialNumber": given, "cn": [b"x"]}
        table = read(one, entry).tables["things"]
        told = [table[name].to_pylist() for name in ("kind", "other", "single")]
        assert told == [["inetOrgPerson"], ["a"], ["x"]]


def test_a_child_table_has_a_row_a_value_and_names_its_owner() -> None:
    one = made("", tables='[tables.parts]\ntitle = "P"\ndescription = "D"\nattribute = "m"\ncolumn = "part"\nsays = "V."')
    decoded = read(one, {"cn": [b"A"], "m": [b"1", b"caf\xe9", b"3"]}, {"cn": [b"B"], "m": []}, {"cn": [b"C"], "m": [b"4"]})
    parts = decoded.tables["parts"]
    assert parts.select(["identity", "part"]).to_pylist() == [{"identity": "A", "part": part} for part in "13"] + [
        {"identity": "C", "part": "4"}
    ]
    assert [(said.table, said.octets) for said in decoded.undecoded] == [("parts", b"caf\xe9")]


def test_one_row_a_value_repeats_the_other_columns() -> None:
    one = made('value = { attribute = "m", type = "base64", says = "V." }', each='each = "m"')
    table = read(one, {"cn": [b"CA"], "m": [b"\1", b"\2"]}).tables["things"]
    assert table.select(["name", "value"]).to_pylist() == [{"name": "CA", "value": "AQ=="}, {"name": "CA", "value": "Ag=="}]


def test_parents_are_read_off_the_dn() -> None:
    one = made('above = { type = "parent", up = 2, says = "V." }\ndomain = { type = "domain", says = "V." }')
    table = read(one, {"dn": [b"CN=a\\,b,CN=c,OU=d,DC=contoso,DC=com"]}).tables["things"]
    assert (table["above"].to_pylist(), table["domain"].to_pylist()) == (["OU=d,DC=contoso,DC=com"], ["contoso.com"])


def test_an_entry_without_guid_gets_the_same_one_whatever_the_spelling_of_its_dn() -> None:
    one = made("")
    guids = [read(one, {"objectGUID": None, "dn": [dn]}) for dn in (b"CN=A,DC=contoso,DC=com", b"cn=a,dc=CONTOSO,dc=com")]  # type: ignore[dict-item] # None: not shown
    assert [decoded.without_guid for decoded in guids] == [1, 1]
    (first,), (second,) = (decoded.tables["things"]["guid"].to_pylist() for decoded in guids)
    assert first == second
    assert uuid.UUID(first).version == 5
    assert NAMESPACE.version == 5


def test_octets_in_a_dn_that_are_no_utf8_become_hex_pairs() -> None:
    (dn,) = read(made(""), {"dn": [b"CN=caf\xe9,DC=contoso,DC=com"]}).tables["things"]["dn"].to_pylist()
    assert dn == "CN=caf\\E9,DC=contoso,DC=com"


def test_presence_is_told_by_dn_and_nothing_else_is_asked() -> None:
    one = made('held = { attribute = "msRTCSIP-AcpInfo", type = "present", says = "V." }')
    assert "msRTCSIP-AcpInfo" not in one.attributes
    table = read(one, {"dn": [b"CN=a"]}, {"dn": [b"CN=b"]}, held=[b"CN=b"]).tables["things"]
    assert table["held"].to_pylist() == [False, True]


def test_an_empty_page_gives_empty_tables() -> None:
    one = made('value = { attribute = "a", type = "guid", says = "V." }')
    assert len(read(one).tables["things"]) == 0
