"""LDIF exports as a directory: what ldifde or ldapsearch wrote of a forest, in one file or several, searched like a server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Self

import pyarrow as pa

from adinspect import distinguished_name
from adinspect.directory import UNASKED, Root, Search
from adinspect.directory.asked import Export
from adinspect.directory.ldif_records import CutOff, Record, read
from adinspect.directory.memory import Holding, Index, without_secrets
from adinspect.directory.naming_contexts import tail
from adinspect.errors import IncompleteError, InputError
from adinspect.secret_attributes import SECRET_ATTRIBUTES

ALWAYS_KEPT = frozenset({"objectclass", "objectcategory", "objectguid", "ncname", "systemflags"}) | SECRET_ATTRIBUTES
"""Attributes that tell entries and naming contexts apart; and of the secret ones, that they were there."""

MOST_NAMED = 3
"""Entries that an error names."""

_range = re.compile(r"(.+);range=(\d{1,9})-(\d{1,9}|\*)")


def open_files(
    paths: Sequence[Path], *, root_forest: str | None = None, attributes: Collection[str] | None = None
) -> LdifDirectory:
    """Read LDIF files of one forest as one directory; nothing else is ever opened.

    An object that several exports hold is one entry with the attributes of all; where they differ, the later file's count.
    `attributes` names those to keep, for the sake of memory; if not given, all are kept. `root_forest`, the DNS name of the
    forest root domain, is for exports of a child domain alone.

    Raises:
        InputError: a file cannot be read, is malformed, empty, a list of changes, or of no Active Directory; says file and line.
        ConfigurationError: `root_forest` is not the forest of the files.
    """
    reading = _Reading(None if attributes is None else ALWAYS_KEPT | {name.lower() for name in attributes})
    for path in paths:
        reading.file(path)
    reading.join_ranges()
    forest = reading.holding.forest(root_forest)
    root = Root(forest.name, ", ".join(path.name for path in paths), forest.contexts)
    return LdifDirectory(root, Index(reading.holding, forest), reading)


class LdifDirectory:
    """A Directory of what LDIF files hold (open_files).

    `dropped` counts the values of secret attributes that the files held, by lower-cased name. `remarks` are sentences that a
    person should read: which entries were put together of several.
    """

    def __init__(self, root: Root, index: Index, found: _Reading) -> None:
        self.root = root
        self.dropped: Mapping[str, int] = found.dropped
        self.remarks = found.remarks()
        self._index = index
        self._found = found

    def search(self, search: Search) -> Iterator[pa.RecordBatch]:
        """Yield the entries that match, in the order of the files.

        Raises:
            IncompleteError: a file is cut off, an entry that matches shows only a part of an attribute's values, or it cannot
                be known whether an entry matches, for want of an attribute.
            ConfigurationError: the base is in no naming context of the files.
            ValueError: a secret attribute is asked for, or one that was not kept.
        """
        looked_at = search.filter.attributes - SECRET_ATTRIBUTES
        if self._found.kept is not None and (lost := {*map(str.lower, search.attributes), *looked_at} - self._found.kept):
            raise ValueError(f"the files were opened without {', '.join(sorted(lost))}")
        exports = self._found.exports
        unseen = cache(lambda together: self._unasked(together, looked_at))
        answers = list(self._index.matches(search, lambda place: unseen(exports[place])))
        matching = [place for place, answer in answers if answer]
        yield from self._pages(matching, search.attributes)
        undecided = frozenset().union(*(unseen(exports[place]) for place, answer in answers if answer is None))
        if reasons := [*self._found.cut_off, *self._in_part(matching, search), *_undecided(undecided)]:
            raise IncompleteError(
                "; ".join(reasons),
                where=f"{self.root.source}, {search.base}",
                safe="What was read is kept, and marked as partial.",
                next_step="Export again, to the end and with what is missing.",
            )

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        """Which of these attributes entries of the naming context may lack because the exports they are in did not ask for them.

        An entry that several exports hold is asked for whatever one of them asked.
        """
        lowered = {name: name.lower() for name in attributes}
        distinct = {self._found.exports[place] for place in self._index.places(base)}
        missing = frozenset().union(*(self._unasked(together, lowered.values()) for together in distinct))
        return frozenset(name for name in attributes if lowered[name] in missing)

    def _pages(self, places: Sequence[int], attributes: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The entries at these places, and of each the attributes nobody is known to have asked for (Directory.search)."""
        names = {name.lower(): name for name in attributes}
        unasked = cache(lambda together: [names[name] for name in self._unasked(together, names)])
        rest = iter(places)
        for batch in self._index.pages(places, attributes):
            lists = pa.array([unasked(self._found.exports[place]) for place in islice(rest, len(batch))], pa.list_(pa.string()))
            yield batch.append_column(UNASKED, lists) if any(lists.value_lengths().to_pylist()) else batch

    def _unasked(self, together: Iterable[Export], attributes: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in attributes if not any(export.asked(name) for export in together))

    def _in_part(self, places: Iterable[int], search: Search) -> Iterator[str]:
        """What is said of entries that show only some ranges of an attribute asked for."""
        asked = {name.lower() for name in search.attributes}
        found = [(place, name) for place in places for name in sorted(asked.intersection(self._found.partial.get(place, ())))]
        for place, name in found[:MOST_NAMED]:
            yield f"{self._index.holding.entries[place].dn.decode('utf-8', 'replace')} shows only some of its values of {name}"
        if len(found) > MOST_NAMED:
            yield f"so do {len(found) - MOST_NAMED} others"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        return None


def _undecided(attributes: Set[str]) -> Iterator[str]:
    if attributes:
        names = ", ".join(sorted(attributes))
        yield f"which entries match cannot be told without {names}, which the export does not show to have asked for"


@dataclass
class _Reading:
    """What is read of the files so far. `kept` names the attributes to keep (None: all).

    By an entry's place: `exports` are the exports that hold it, `partial` the attributes of which a range of values is missing.
    """

    kept: frozenset[str] | None
    holding: Holding = field(default_factory=Holding)
    exports: list[tuple[Export, ...]] = field(default_factory=list)
    partial: dict[int, frozenset[str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    cut_off: list[str] = field(default_factory=list)
    _ranged: set[int] = field(default_factory=set)
    _merged: Counter[str] = field(default_factory=Counter)
    _names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def file(self, path: Path) -> None:
        """Read a file.

        Raises:
            InputError: it is malformed, holds no entry, or none of an Active Directory.
        """
        records = belonging = 0
        requested: frozenset[str] = frozenset()
        of_search: dict[str, Export] = {}
        for item in read(path):
            if isinstance(item, Record):
                records += 1
                belonging += self._take(item, requested, of_search)
            elif isinstance(item, CutOff):
                self.cut_off.append(item.reason)
            elif not item.attributes or item.attributes != requested:
                # each page of a paged search says it again; else another search begins
                requested, of_search = item.attributes, {}
        if not records:
            raise InputError(
                "the file holds no entry", where=str(path), next_step="Export again, and look at what the tool says."
            )
        if not belonging:
            raise InputError(
                "no entry of the file belongs to an Active Directory: no name ends in a domain (DC=...)",
                where=str(path),
                next_step="Export from a domain controller: its domain, its configuration and its schema.",
            )

    def _take(self, record: Record, requested: frozenset[str], of_search: dict[str, Export]) -> bool:
        key = distinguished_name.key(record.dn.decode("utf-8", "surrogateescape"))
        end = tail(key)
        if not end:
            return False
        attributes: dict[str, list[bytes]] = {}
        shown = set()
        for written, values in record.attributes.items():
            name, kept_as = self._name(written)
            shown.add(name)
            if self.kept is None or name in self.kept:
                attributes.setdefault(kept_as, []).extend(values)
        export = of_search.setdefault(end, Export(requested))
        export.add(shown)
        self._hold(record.dn, key, end, without_secrets(attributes, self.dropped), export)
        return True

    def _name(self, written: str) -> tuple[str, str]:
        """An attribute's name without options, and the name to keep its values by: that, or with its range or language."""
        found = self._names.get(written)
        if found is None:
            name, *options = written.split(";")
            options = [option for option in options if option != "binary" and name not in SECRET_ATTRIBUTES]
            found = self._names[written] = (name, ";".join((name, *options)))
        return found

    def _hold(self, dn: bytes, key: str, end: str, attributes: dict[str, list[bytes]], export: Export) -> None:
        place = self.holding.places.get(key)
        if place is None:
            place = self.holding.add(dn, key, end, attributes)
            self.exports.append((export,))
        else:
            self.holding.replace(place, self._together(dict(self.holding.entries[place]), attributes))
            if export not in self.exports[place]:
                self.exports[place] += (export,)
        if any(";" in name for name in attributes):
            self._ranged.add(place)

    def _together(self, earlier: dict[str, Sequence[bytes]], later: dict[str, list[bytes]]) -> Mapping[str, Sequence[bytes]]:
        differing = [name for name in later if name in earlier and sorted(earlier[name]) != sorted(later[name])]
        self._merged["differing" if differing else "merged"] += 1
        # another GUID is another object, made after the first was deleted
        return later if "objectguid" in differing else earlier | later

    def join_ranges(self) -> None:
        """Put the ranges of values together that a server gives of a long attribute ([MS-ADTS] 3.1.1.3.1.3.3)."""
        for place in self._ranged:
            attributes = dict(self.holding.entries[place])
            found = [match for name in attributes if (match := _range.fullmatch(name))]
            whole = {match[1]: _joined(attributes, match[1], found) for match in found}
            kept = {name: values for name, values in attributes.items() if not _range.fullmatch(name)}
            self.holding.replace(place, kept | {name: values for name, (values, _) in whole.items() if not kept.get(name)})
            if partial := frozenset(name for name, (_, to_the_end) in whole.items() if not (to_the_end or kept.get(name))):
                self.partial[place] = partial

    def remarks(self) -> tuple[str, ...]:
        """Return what a person should know of entries that stand in several exports."""
        said = []
        if together := sum(self._merged.values()):
            said.append(f"Entries that were exported again and put together: {together}.")
        if differing := self._merged["differing"]:
            said.append(f"Entries whose values differ between exports, where the ones read last count: {differing}.")
        return tuple(said)


def _joined(attributes: Mapping[str, Sequence[bytes]], name: str, ranges: Iterable[re.Match[str]]) -> tuple[list[bytes], bool]:
    """The values of an attribute by its ranges in order, and whether they are all: no gap, and the last one open."""
    values: list[bytes] = []
    for found in sorted((found for found in ranges if found[1] == name), key=lambda found: int(found[2])):
        start = int(found[2])
        if start > len(values):
            return values, False
        values[start:] = attributes[found[0]]
        if found[3] == "*":
            return values, True
    return values, False
