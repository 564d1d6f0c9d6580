"""Entries held in memory and searched as a directory does; and a directory made of entries that a test states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Self

import pyarrow as pa

from adinspect import distinguished_name
from adinspect.directory import Root, Scope, Search
from adinspect.directory.naming_contexts import Forest, infer, partitions, spelt, tail
from adinspect.errors import ConfigurationError
from adinspect.search_filter import fold_octets
from adinspect.secret_attributes import SECRET_ATTRIBUTES

PAGE = 4096
"""Entries of a record batch."""

MOST_SHARED = 100_000
"""Values that are looked up to be held once; beyond these, a new one is held as it comes."""

ANY_CLASS, UNCLASSED = b"*", b""

Unseen = Callable[[int], Set[str]]


class HeldEntry(Mapping[str, Sequence[bytes]]):
    """An entry held compactly (search_filter.Entry): entries that show the same attributes share their names.

    200,000 users of 45 attributes fit in a gigabyte so, which dicts of lists would fill several times over.
    """

    __slots__ = ("_places", "_values", "dn")

    def __init__(self, dn: bytes, places: Mapping[str, int], values: Sequence[bytes | tuple[bytes, ...]]) -> None:
        self.dn = dn
        self._places = places
        self._values = tuple(values)

    def __getitem__(self, name: str) -> Sequence[bytes]:
        value = self._values[self._places[name]]
        return (value,) if isinstance(value, bytes) else value

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, name: str, default: Any = None) -> Any:
        """The values of an attribute; Mapping.get would raise and catch a KeyError for each one that the entry lacks."""
        place = self._places.get(name)
        if place is None:
            return default
        value = self._values[place]
        return (value,) if isinstance(value, bytes) else value


@dataclass
class Holding:
    """Entries by the order they came in, and what searches need to find them: their keys, contexts and classes.

    `places` maps an entry's key to its place among `entries`. Names of attributes are lower-cased.
    """

    entries: list[HeldEntry] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    tails: dict[str, str] = field(default_factory=dict)
    _shapes: dict[tuple[str, ...], Mapping[str, int]] = field(default_factory=dict)
    _shared: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, dn: bytes, key: str, end: str, attributes: Mapping[str, Sequence[bytes]]) -> int:
        """Hold an entry, given its key and the tail of that, and return its place."""
        place = self.places[key] = len(self.entries)
        if end not in self.tails or key == end:
            self.tails[end] = spelt(dn.decode("utf-8", "surrogateescape"), key, end)
        self.entries.append(self._held(dn, attributes))
        return place

    def replace(self, place: int, attributes: Mapping[str, Sequence[bytes]]) -> None:
        """Give an entry other attributes."""
        self.entries[place] = self._held(self.entries[place].dn, attributes)

    def forest(self, root_forest: str | None = None) -> Forest:
        """Tell the naming contexts of the entries (naming_contexts.infer, with its errors)."""
        return infer(self.tails, partitions(self.entries), root_forest)

    def _held(self, dn: bytes, attributes: Mapping[str, Sequence[bytes]]) -> HeldEntry:
        names = tuple(attributes)
        shape = self._shapes.get(names)
        if shape is None:
            shape = self._shapes[names] = {name: place for place, name in enumerate(names)}
        share = self._shared.setdefault if len(self._shared) < MOST_SHARED else self._shared.get
        values = (
            share(found[0], found[0]) if len(found) == 1 else tuple([share(value, value) for value in found])
            for found in attributes.values()
        )
        return HeldEntry(dn, shape, tuple(values))


@dataclass
class Index:
    """Finds the entries of a naming context that a search may match, without looking at all."""

    holding: Holding
    forest: Forest

    @cached_property
    def by_context(self) -> Mapping[str, Mapping[bytes, list[int]]]:
        """The places of entries by the key of their naming context and by each of their classes, folded.

        Those that show no class stand under `UNCLASSED`, and all under `ANY_CLASS`.
        """
        found: dict[str, dict[bytes, list[int]]] = {}
        for key, place in self.holding.places.items():
            context = found.setdefault(self.forest.context_of(key), {})
            classes = {*map(fold_octets, self.holding.entries[place].get("objectclass", ()))} or {UNCLASSED}
            for name in (*classes, ANY_CLASS):
                context.setdefault(name, []).append(place)
        return found

    @cached_property
    def keys(self) -> Sequence[str]:
        """The entries' keys, by place."""
        return list(self.holding.places)

    def context_of(self, base: str) -> str:
        """Return the key of the naming context that a search base is in.

        Raises:
            ConfigurationError: no entry is of that naming context.
        """
        context = self.forest.context_of(distinguished_name.key(base))
        if not context or context not in self.by_context:
            raise ConfigurationError(
                f"the search base {base} is in none of the naming contexts of these entries",
                where=", ".join(filter(None, sorted(self.by_context))),
            )
        return context

    def places(self, base: str) -> Sequence[int]:
        """Return the places of all entries of the naming context that a search base is in (context_of, with its error)."""
        return self.by_context[self.context_of(base)][ANY_CLASS]

    def matches(self, search: Search, unseen: Unseen = lambda place: frozenset()) -> Iterator[tuple[int, bool | None]]:
        """Yield the places of entries that match (True), and of those of which it cannot be known (None; Filter.evaluate).

        `unseen` gives the attributes of which it is not known whether the entry at a place has them.
        """
        for place in self._candidates(search):
            answer = search.filter.evaluate(self.holding.entries[place], unseen(place))
            if answer is not False:
                yield place, answer

    def pages(self, places: Iterable[int], attributes: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the entries at these places as Directory.search does.

        Raises:
            ValueError: a secret attribute is asked for.
        """
        if secret := SECRET_ATTRIBUTES.intersection(map(str.lower, attributes)):
            raise ValueError(f"secret attributes are never read: {', '.join(sorted(secret))}")
        rest = iter(places)
        while page := [self.holding.entries[place] for place in islice(rest, PAGE)]:
            dns = pa.array([entry.dn for entry in page], pa.binary())
            lists = (pa.array([entry.get(name.lower()) for entry in page], pa.list_(pa.binary())) for name in attributes)
            yield pa.RecordBatch.from_arrays([dns, *lists], ["dn", *attributes])

    def _candidates(self, search: Search) -> Iterable[int]:
        key, context = distinguished_name.key(search.base), self.context_of(search.base)
        if search.scope is Scope.BASE:
            place = self.holding.places.get(key)
            return [] if place is None else [place]
        by_class = self.by_context[context]
        classes = search.filter.required("objectclass")
        names = [ANY_CLASS] if classes is None else [UNCLASSED, *classes]
        places = sorted({place for name in names for place in by_class.get(name, ())})
        return places if key == context else [place for place in places if distinguished_name.under(self.keys[place], key)]


class MemoryDirectory:
    """A Directory made of entries as (DN, attributes); text is taken as UTF-8.

    `root` is what the directory says of itself; if not given, that is told from the names of the entries.

    Raises:
        InputError: the entries are of no Active Directory, or of several forests.
        ValueError: two entries have the same DN.
    """

    def __init__(self, entries: Iterable[tuple[str, Mapping[str, Sequence[bytes | str]]]], *, root: Root | None = None) -> None:
        self.dropped: Counter[str] = Counter()
        holding = Holding()
        for dn, attributes in entries:
            key = distinguished_name.key(dn)
            if key in holding.places:
                raise ValueError(f"two entries have the DN {dn}")
            octets = {name.lower(): _octets(values) for name, values in attributes.items() if values}
            holding.add(dn.encode("utf-8"), key, tail(key), without_secrets(octets, self.dropped))
        self._index = Index(holding, holding.forest())
        self.root = root or Root(self._index.forest.name, "memory", self._index.forest.contexts)

    def search(self, search: Search) -> Iterator[pa.RecordBatch]:
        """Yield the entries that match, in the order they were given."""
        places = (place for place, answer in self._index.matches(search) if answer)
        return self._index.pages(places, search.attributes)

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        """None: an attribute that an entry lacks is absent."""
        return frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        return None


def without_secrets(attributes: dict[str, list[bytes]], dropped: Counter[str]) -> dict[str, list[bytes]]:
    """Take the values of secret attributes out (lower-cased names), and count them; that there was one may stay known."""
    for name in SECRET_ATTRIBUTES.intersection(attributes):
        dropped[name] += len(attributes[name])
        attributes[name] = []
    return attributes


def _octets(values: Sequence[bytes | str]) -> list[bytes]:
    return [value.encode("utf-8") if isinstance(value, str) else value for value in values]
