"""Makes the part of the runner that depends on the definitions: which file is which cmdlet, and how each of its cells is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adinspect import rollback
from adinspect.bulk_csv import BulkCsv, Column
from adinspect.step import GUID, PREVIOUS

NAME = "Invoke-Adinspect.ps1"

BEGIN = "# ---- Made by docs/make.py from the definitions of the bulk CSVs: change those, not this."
END = "# ---- End of what docs/make.py makes."

IN_THE_CLOUD = frozenset(
    {
        "Get-CsOnlineUser",
        "Get-CsOnlineVoicemailUserSettings",
        "Get-CsPhoneNumberAssignment",
        "Get-CsUserPolicyAssignment",
    }
)
"""Get cmdlets that read Microsoft Teams, where an object has another identifier than in Active Directory.

Exchange's and Lync's show objectGUID as `Guid`; of these, the identity of what was found is held against the row's.
"""

HOSTED_MIGRATION = frozenset({"Move-CsUser"})
"""Cmdlets that take -HostedMigrationOverrideUrl, which is an argument of the runner and never stands in a CSV."""


def made(shipped: Iterable[BulkCsv]) -> str:
    """The lines between BEGIN and END, both included: the table of files, and the only places where their cmdlets are called."""
    run = [one for of in shipped if of.cmdlet for one in (of, rollback.definition(of))]
    entries = [line for one in run for line in _entry(one)]
    changes = sorted({one.cmdlet for one in run})
    reads = sorted({one.reads for one in run} | {column.refers for one in run for column in one.columns if column.refers})
    lines = [BEGIN, "$Table = @{", *entries, "}", "", *_calls("Invoke-Change", changes), "", *_calls("Read-Object", reads), END]
    return "".join(f"{line}\r\n" for line in lines)


def remade(script: str, shipped: Iterable[BulkCsv]) -> str:
    """The runner with these lines in the place of those it has."""
    before, _, rest = script.partition(BEGIN)
    return before + made(shipped) + rest.partition(f"{END}\r\n")[2]


def _entry(one: BulkCsv) -> Iterator[str]:
    """A file as PowerShell writes a hashtable: every value from a definition, which holds no directory's text."""
    takes_back = one.name.removeprefix(rollback.PREFIX) if one.name.startswith(rollback.PREFIX) else ""
    told: Mapping[str, Any] = {
        "TakesBack": f"{takes_back}.csv" if takes_back else "",
        "Cmdlet": one.cmdlet,
        "Get": one.reads,
        "Key": one.key,
        "GetBy": "Identity" if one.key == GUID else one.key,
        "Guid": _guid(one),
        "FoundBefore": one.found_before,
        "Delay": one.delay,
        "WhatIf": one.what_if,
        "ValidateOnly": one.validate_only,
        "Confirm": one.confirm,
        "DomainController": one.domain_controller,
        "HostedMigration": one.cmdlet in HOSTED_MIGRATION,
    }
    yield f"    {_literal(one.name + '.csv')} = @{{"
    yield from (f"        {name} = {_literal(value)}" for name, value in told.items())
    yield "        Columns = @("
    yield from (f"            @{{ {_column(column)} }}" for column in one.parameters)
    yield "        )"
    yield "        Checks = @("
    yield from (f"            @{{ {_check(one, column)} }}" for column in one.changed if column.compared)
    yield "        )"
    yield "        Match = @("
    yield from (f"            @{{ {_match(one, name)} }}" for name in one.match)
    yield "        )"
    found = (f"@{{ Name = {_literal(name)}; Property = {_literal(shown)} }}" for name, shown in one.from_found.items())
    yield f"        FromFound = @({', '.join(found)})"
    yield "    }"


def _guid(one: BulkCsv) -> str:
    """How a row's object is told from others: by the property that shows its GUID, `Identity` in the cloud, or not at all."""
    if not one.own_guid:
        return ""
    return "Identity" if one.reads in IN_THE_CLOUD else "Guid"


def _column(column: Column) -> str:
    told: Mapping[str, str | bool] = {
        "Name": column.name,
        "Kind": column.kind.value,
        "Argument": column.argument(),
        "Nullable": column.nullable,
    }
    return "; ".join(f"{name} = {_literal(value)}" for name, value in told.items())


def _match(one: BulkCsv, name: str) -> str:
    column = next(column for column in one.changed if column.name == name)
    cell = name if column.parameter else PREVIOUS + name
    return f"Cell = {_literal(cell)}; {_check(one, column)}"


def _check(one: BulkCsv, column: Column) -> str:
    given = ", ".join(_literal(other.name) for other in one.given(column))
    told: Mapping[str, str | bool] = {
        "Name": column.name,
        "Kind": column.kind.value,
        "Property": column.property,
        "Refers": column.refers,
        "FalseIsBlank": column.false_is_blank,
        "Prefix": column.prefix,
    }
    return f"Given = @({given}); " + "; ".join(f"{name} = {_literal(value)}" for name, value in told.items())


def _literal(value: str | bool | int) -> str:
    """A value of a definition as PowerShell writes it: the definitions allow names only, so nothing needs escaping."""
    if isinstance(value, bool):
        return f"${str(value).lower()}"
    if isinstance(value, int):
        return str(value)
    return f"'{value}'"


def _calls(function: str, cmdlets: Iterable[str]) -> Iterator[str]:
    """A function that calls one of these cmdlets, each written out: no name that is called ever comes from a variable."""
    yield f"function {function} {{"
    yield "    param([string] $Cmdlet, [hashtable] $Arguments)"
    yield "    switch ($Cmdlet) {"
    yield from (f"        '{cmdlet}' {{ {cmdlet} @Arguments; return }}" for cmdlet in cmdlets)
    yield "    }"
    yield '    throw "$Cmdlet is not among the cmdlets of this script"'
    yield "}"
