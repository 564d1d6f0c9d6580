"""What a bulk CSV is: its columns and what each sets, the cmdlet that runs it, and what takes it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from adinspect.finding import Target
from adinspect.step import NOTES, PREVIOUS


class Kind(StrEnum):
    """How the runner reads a cell: as text, True or False, a list, or what to add to a list or remove from it."""

    TEXT = "text"
    BOOL = "bool"
    LIST = "list"
    ADD = "add"
    REMOVE = "remove"

    @property
    def many(self) -> bool:
        """Whether a cell holds several values, joined with `|`."""
        return self in (Kind.LIST, Kind.ADD, Kind.REMOVE)


@dataclass(frozen=True)
class Column:
    """A parameter of the cmdlet: `pattern` is what every value of it matches as a whole (of a list: each of its values).

    `property` is what it sets, as the Get cmdlet names it (empty: nothing that can be read back). A cell of an `optional` column
    may be blank, which leaves the parameter out; one of a `nullable` column may be NULL, which empties the property. What is no
    `parameter` is only remembered: the cmdlet takes it away, and the rollback needs it.

    What is to be added and what removed go `into` one parameter together (empty: the column's name without its `Add` or
    `Remove`). `refers` is the Get cmdlet that finds what a cell names by its GUID, where the property shows a name in its place.
    `false_is_blank` says that a property shown as False may never have been set; `prefix` is what a property may show before the
    text that the parameter takes (`Tag:`, `tel:`). Where not `compared`, the cmdlet shows the property in another form than the
    parameter takes: the runner leaves it alone.
    """

    name: str
    kind: Kind
    pattern: str
    says: str
    property: str = ""
    optional: bool = False
    nullable: bool = False
    parameter: bool = True
    into: str = ""
    refers: str = ""
    false_is_blank: bool = False
    prefix: str = ""
    compared: bool = True

    def argument(self) -> str:
        """The parameter of the cmdlet that its cells go to."""
        suffix = {Kind.ADD: "Add", Kind.REMOVE: "Remove"}.get(self.kind, "")
        return self.into or self.name.removesuffix(suffix)

    @cached_property
    def allows(self) -> re.Pattern[str]:
        """What every value matches as a whole."""
        return re.compile(self.pattern)

    def bare(self, shown: Any) -> Any:
        """What a property shows, as the parameter takes it: without `prefix`."""
        prefixed = isinstance(shown, str) and shown.casefold().startswith(self.prefix.casefold())
        return shown[len(self.prefix) :] if prefixed else shown


class Homed(StrEnum):
    """Which users a CSV may hold: those homed on a pool of their own, those homed online, or either."""

    HERE = "here"
    ONLINE = "online"
    ANYWHERE = ""


@dataclass(frozen=True)
class Rollback:
    """The cmdlet that takes a row back, and its parameters.

    Each is a column of the CSV (`from`), a fixed text (`value`), or a property of the object that the Get cmdlet finds (`found`).
    It has -WhatIf, -Confirm and -DomainController where the cmdlet that it takes back has them.
    """

    cmdlet: str
    columns: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class BulkCsv:
    """One bulk CSV (`name` is its file's stem, with its number) and how each of its rows is run.

    `reads` is the Get cmdlet that shows an object before it is changed; where not `found_before`, it finds the object only
    afterwards, and before that all previous values are blank; where not `found_after`, only before. `makes` maps another Get
    cmdlet that finds the object only afterwards to the properties it then shows, `leaves` one that found it before to properties
    that are others then (an empty text: nothing). `key` is the column that names the object; one that no single column names is
    the one, among all that the Get cmdlet shows, whose properties are the cells of the columns in `match`. Where not `own_guid`,
    `_ObjectGuid` is that of another object than the Get cmdlet finds, or it shows no identity.

    `delay` is the pause after a row in milliseconds. `what_if`, `confirm` and `domain_controller` say whether the cmdlet has that
    parameter, `validate_only` that it has -ValidateOnly, which says more than -WhatIf. `user_list` is the column whose previous
    values, SIP addresses, are also written as the text file that its -UserList takes. `order` is its place among all CSVs of a
    target; a target without one does not get it. `homed` says which users it may hold. A `gated` one is not written while a gate
    stands. `afterwards` is what a person does once it was run, before the next file. `lost` names what a rollback cannot bring
    back. `made_good` names, for a target, the later CSV whose row gives back what one of this takes away. One without `cmdlet`
    and `reads` is a list for people, which is not run: its proposal gives the previous values. `from_found` maps parameters to
    the property of what was found that they get.
    """

    name: str
    title: str
    description: str
    cmdlet: str
    reads: str
    key: str
    delay: int
    what_if: bool
    confirm: bool
    domain_controller: bool
    source: str
    order: Mapping[Target, int]
    columns: tuple[Column, ...]
    rollback: Rollback
    found_before: bool = True
    found_after: bool = True
    makes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    leaves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    homed: Homed = Homed.ANYWHERE
    validate_only: bool = False
    own_guid: bool = True
    user_list: str = ""
    gated: bool = False
    made_good: Mapping[str, str] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    afterwards: str = ""
    from_found: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> tuple[Column, ...]:
        """The columns that the cmdlet is given."""
        return tuple(column for column in self.columns if column.parameter)

    @cached_property
    def changed(self) -> tuple[Column, ...]:
        """The columns whose present value is written beside them."""
        return tuple(column for column in self.columns if column.property)

    def given(self, changed: Column) -> tuple[Column, ...]:
        """The parameters that change the property of a column: where all are blank, it stays as it is."""
        return self._by_argument.get(changed.argument(), ()) if changed.parameter else ()

    @cached_property
    def _by_argument(self) -> Mapping[str, tuple[Column, ...]]:
        told: dict[str, tuple[Column, ...]] = {}
        for column in self.parameters:
            told[column.argument()] = (*told.get(column.argument(), ()), column)
        return told

    def changes(self, changed: Column, row: Mapping[Any, Any]) -> bool:
        """Whether a row gives the property of a column another value, or takes it away."""
        given = self.given(changed)
        return not given or any(row.get(one.name) is not None for one in given)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Parameters, notes, and the previous value of each column that sets or takes away a property."""
        return (*(column.name for column in self.parameters), *NOTES, *(PREVIOUS + column.name for column in self.changed))
