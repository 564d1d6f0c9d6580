from __future__ import annotations

import re

import pytest

from adinspect import definitions, query
from adinspect.errors import ConfigurationError
from adinspect.query import IDENTITY, Type
from adinspect.secret_attributes import SECRET_ATTRIBUTES

GOOD = """\
title = "Things"
description = "Some things."
base = "configuration"
filter = "(objectClass=thing)"
identity = "name"
[columns]
name = { attribute = "cn", says = "Its name." }
on = { attribute = "flags", type = "bit", bit = 2, absent = false, says = "On." }
"""


def load(text: str) -> query.Query:
    return query.load(definitions.parse(text, "queries/things.toml"))


def test_a_query_says_what_it_asks_and_what_it_fills() -> None:
    one = load(GOOD)
    assert (one.name, one.bases, one.attributes) == ("things", ("configuration",), ("objectGUID", "cn", "flags"))


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ('title = "Things"\n', "", "the key 'title' is missing", 1),
        ("title =", "titel =", "unknown key 'titel'", 1),
        ('identity = "name"', 'identity = "name"\nextra = 1', "unknown key 'extra'", 6),
        ('"configuration"', '"CN=Configuration,DC=x"', "no naming context", 3),
        ('"configuration"', '"configuration"\nscope = "deep"', "no scope", 4),
        ("(objectClass=thing)", "(objectClass=thing", "character", 4),
        ("(objectClass=thing)", "(cn:dn:=a)", "character", 4),
        ("(objectClass=thing)", "(unicodePwd=*)", "secret", 4),
        ('identity = "name"', 'identity = "title"', "identity column 'title'", 5),
        ("name = {", "guid = {", "every table has it already", 7),
        ('type = "bit"', 'type = "flag"', "'flag' is no type", 8),
        ("bit = 2, ", "", "needs 'bit'", 8),
        ('"cn", says', '"cn", bit = 2, says', "no other type has them", 7),
        ('attribute = "cn"', 'attribute = "unicodePwd"', "unicodePwd is secret", 7),
        ('attribute = "cn", says', 'atribute = "cn", says', "unknown key 'atribute'", 7),
        ('attribute = "cn", ', "", "'attribute' is missing", 7),
        (', says = "Its name."', "", "'says' is missing", 7),
        ("absent = false", "absent = []", "columns.on.absent is a text, a whole number, true or false", 8),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, said: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        load(GOOD.replace(old, new, 1))
    assert caught.value.where == f"queries/things.toml, line {line}"


def test_no_shipped_query_asks_for_a_secret_or_for_everything() -> None:
    for one in query.shipped().values():
        asked = {name.lower() for name in one.attributes}
        assert not asked & SECRET_ATTRIBUTES
        assert "*" not in asked


def test_no_shipped_query_filters_on_the_absence_of_a_value() -> None:
    """An unreadable attribute would match; the one exception keeps application endpoints out of `users`, which is harmless."""
    negated = {name: re.findall(r"\(!\(([^()]+)\)", one.filter.text) for name, one in query.shipped().items()}
    assert {name: parts for name, parts in negated.items() if parts} == {"users": ["msRTCSIP-OwnerUrn=*"]}


def test_every_table_and_column_has_one_meaning() -> None:
    names = [table.name for one in query.shipped().values() for table in one.tables]
    assert len(names) == len(set(names))
    for one in query.shipped().values():
        for table in one.tables:
            columns = [column.name for column in table.columns]
            assert len(columns) == len(set(columns))
            assert not set(columns) & set(IDENTITY)
            assert all(column.says.endswith(".") for column in table.columns), table.name


def test_every_link_leads_to_a_table() -> None:
    names = {table.name for one in query.shipped().values() for table in one.tables}
    for one in query.shipped().values():
        assert all(column.to in names for table in one.tables for column in table.columns if column.to)
        assert one.unless_in in {"", *names}


def test_the_headline_flags_are_the_documented_bits() -> None:
    columns = {column.name: column for column in query.shipped()["users"].table.columns}
    assert (columns["enterprise_voice"].attribute, columns["enterprise_voice"].bit) == ("msRTCSIP-OptionFlags", 128)
    assert (columns["um_enabled"].attribute, columns["um_enabled"].bit) == ("msExchUMEnabledFlags", 1)
    assert columns["sip_enabled"].absent is None
    assert columns["conferencing_provider"].type is Type.PRESENT
