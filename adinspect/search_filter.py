"""LDAP search filters (RFC 4515): the subset that query files may use, parsed once and evaluated on entries the way AD does.

The subset: `&`, `|`, `!`, equality, presence, substrings, `>=`, `<=` and the bit-and matching rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from adinspect import distinguished_name
from adinspect.errors import ConfigurationError
from adinspect.secret_attributes import KNOWN_BY_PRESENCE, SECRET_ATTRIBUTES

Entry = Mapping[str, Sequence[bytes]]
"""An entry's attributes by lower-cased name, with their values as octets; no octets: a value was there and was not kept."""

BIT_AND = "1.2.840.113556.1.4.803"
"""LDAP_MATCHING_RULE_BIT_AND ([MS-ADTS] 3.1.1.3.4.4.1)."""

DEEPEST = 50
"""Levels of parentheses that a filter may have."""

CATEGORY_OF_CLASS = {"user": "person", "contact": "person", "inetorgperson": "person", "organizationalperson": "person"}
"""The base schema's classes of people whose defaultObjectCategory is not named after them ([MS-ADSC], their classSchema)."""


class Node(Protocol):
    """A part of a filter."""

    def evaluate(self, entry: Entry, unseen: Set[str]) -> bool | None:
        """Whether an entry matches; None is Undefined (Filter.evaluate)."""
        ...

    def attributes(self) -> frozenset[str]:
        """Lower-cased names of the attributes it looks at."""
        ...

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """Folded values one of which an entry must have in `attribute` to match; None where it need not."""
        ...


@dataclass(frozen=True)
class Filter:
    """A parsed filter; `text` is what goes to a server.

    Raises:
        ConfigurationError: the text is outside the subset; says what and at which character.
    """

    text: str
    root: Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", _Parser(self.text).parse())  # the way a frozen dataclass fills a derived field

    @property
    def attributes(self) -> frozenset[str]:
        """Lower-cased names of the attributes the filter looks at."""
        return self.root.attributes()

    def matches(self, entry: Entry) -> bool:
        """Whether the entry matches; an attribute it does not have is absent."""
        return self.evaluate(entry) is True

    def evaluate(self, entry: Entry, unseen: Set[str] = frozenset()) -> bool | None:
        """Whether the entry matches, in three values (RFC 4511, 4.5.1.7; [MS-ADTS] 3.1.1.3.1.3.1): None is Undefined.

        An attribute that the entry does not have makes a comparison FALSE, so `(!(a=x))` matches entries without `a`.
        Undefined is what cannot be known: the entry lacks an attribute that is `unseen` (lower-cased names), or holds a
        value that is no integer where bits are compared.
        """
        return self.root.evaluate(entry, unseen)

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """Folded values (fold_octets), one of which a matching entry has in `attribute`; None if it may match without."""
        return self.root.required(attribute)


def parse(text: str) -> Filter:
    """Parse a filter.

    Raises:
        ConfigurationError: the text is outside the subset; says what and at which character.
    """
    return Filter(text)


def fold_octets(octets: bytes) -> bytes:
    """Case-folded UTF-8; octets that are none stay as they are."""
    if octets.isascii():
        return octets.lower()
    try:
        return octets.decode("utf-8").casefold().encode("utf-8")
    except UnicodeDecodeError:
        return octets


@dataclass(frozen=True)
class Group:
    """All parts match (`every`), or at least one does."""

    parts: tuple[Node, ...]
    every: bool

    def evaluate(self, entry: Entry, unseen: Set[str]) -> bool | None:
        """The first part that decides; else Undefined if one is Undefined."""
        decisive = not self.every
        answer: bool | None = self.every
        for part in self.parts:
            found = part.evaluate(entry, unseen)
            if found is decisive:
                return decisive
            answer = None if found is None else answer
        return answer

    def attributes(self) -> frozenset[str]:
        """Those of its parts."""
        return frozenset().union(*(part.attributes() for part in self.parts))

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """What the part with the fewest values requires; without `every`, what all of them require together."""
        found = [part.required(attribute) for part in self.parts]
        known = [values for values in found if values is not None]
        if self.every:
            return min(known, key=len, default=None)
        return frozenset().union(*known) if len(known) == len(found) else None


@dataclass(frozen=True)
class Not:
    """The part does not match."""

    part: Node

    def evaluate(self, entry: Entry, unseen: Set[str]) -> bool | None:
        """The opposite; Undefined stays Undefined."""
        found = self.part.evaluate(entry, unseen)
        return None if found is None else not found

    def attributes(self) -> frozenset[str]:
        """Those of its part."""
        return self.part.attributes()

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """Nothing can be told."""
        return None


@dataclass(frozen=True)
class Item:
    """A condition on one attribute, given by its lower-cased name."""

    attribute: str

    def evaluate(self, entry: Entry, unseen: Set[str]) -> bool | None:
        """Compare the values the entry has."""
        values = entry.get(self.attribute)
        if values is None:
            return None if self.attribute in unseen else False
        return self.compare(values)

    def compare(self, values: Sequence[bytes]) -> bool | None:
        """Whether the values of an attribute that the entry has satisfy the condition."""
        raise NotImplementedError

    def attributes(self) -> frozenset[str]:
        """The one."""
        return frozenset({self.attribute})

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """No particular value."""
        return None


@dataclass(frozen=True)
class Presence(Item):
    """The attribute has a value."""

    def compare(self, values: Sequence[bytes]) -> bool:
        """TRUE: an entry that shows an attribute has a value of it."""
        return True


@dataclass(frozen=True)
class Equality(Item):
    """A value, folded, is `folded`."""

    folded: bytes

    def compare(self, values: Sequence[bytes]) -> bool:
        """TRUE if one value is."""
        return any(fold_octets(value) == self.folded for value in values)

    def required(self, attribute: str) -> frozenset[bytes] | None:
        """Its own value."""
        return frozenset({self.folded}) if attribute == self.attribute else None


@dataclass(frozen=True)
class Category(Item):
    """The object category, by the short name of a class ([MS-ADTS] 3.1.1.3.1.3.5).

    The directory looks the class up in its schema and compares with the class's defaultObjectCategory. Here the class's common
    name is taken from its LDAP name, which by convention differs in hyphens and case only: `CN=ms-Exch-Exchange-Server`.
    """

    name: str

    def compare(self, values: Sequence[bytes]) -> bool:
        """TRUE if the DN names that category."""
        wanted = self.name.casefold().replace("-", "")
        wanted = CATEGORY_OF_CLASS.get(wanted, wanted)
        names = (distinguished_name.rdn_value(value.decode("utf-8", "surrogateescape")) for value in values)
        return any(name.casefold().replace("-", "") == wanted for name in names)


@dataclass(frozen=True)
class Substrings(Item):
    """A value starts with the first piece, ends with the last (either may be empty) and has the others between, in order."""

    pieces: tuple[bytes, ...]

    def compare(self, values: Sequence[bytes]) -> bool:
        """TRUE if one value does, letter case apart."""
        folded = tuple(map(fold_octets, self.pieces))
        return any(_holds(fold_octets(value), folded) or _holds(value, self.pieces) for value in values)


def _holds(value: bytes, pieces: tuple[bytes, ...]) -> bool:
    start, end = len(pieces[0]), len(value) - len(pieces[-1])
    if start > end or not value.startswith(pieces[0]) or not value.endswith(pieces[-1]):
        return False
    for piece in pieces[1:-1]:
        place = value.find(piece, start, end)
        if place < 0:
            return False
        start = place + len(piece)
    return True


@dataclass(frozen=True)
class Ordering(Item):
    """A value is `value` or comes after it, or before it where not `greater`."""

    value: bytes
    greater: bool

    def compare(self, values: Sequence[bytes]) -> bool:
        """TRUE if one value does: as numbers where both are integers, else as text, letter case apart."""
        return any(self._compare(value) for value in values)

    def _compare(self, value: bytes) -> bool:
        found, wanted = _integer(value), _integer(self.value)
        if found is not None and wanted is not None:
            return found >= wanted if self.greater else found <= wanted
        text, limit = fold_octets(value), fold_octets(self.value)
        return text >= limit if self.greater else text <= limit


@dataclass(frozen=True)
class BitAnd(Item):
    """A value has all bits of the mask; both are integers in two's complement, so a set top bit may be written either way."""

    mask: int

    def compare(self, values: Sequence[bytes]) -> bool | None:
        """TRUE if one value has; Undefined if none has and one is no integer."""
        numbers = [_integer(value) for value in values]
        if any(number is not None and number & self.mask == self.mask for number in numbers):
            return True
        return None if None in numbers else False


def _integer(octets: bytes) -> int | None:
    return int(octets) if re.fullmatch(rb"-?[0-9]{1,20}", octets) else None


_attribute = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_operator = re.compile(r":[^()=]*:=|>=|<=|~=|=")
_value = re.compile(r"(?:[^()*\\\0]|\\[0-9A-Fa-f]{2})*")


@dataclass
class _Parser:
    """Reads a filter from its first character to its last; `place` is where it stands."""

    text: str
    place: int = 0

    def parse(self) -> Node:
        root = self._filter(1)
        if self.place < len(self.text):
            self._wrong("the filter ends here, and more follows")
        return root

    def _filter(self, depth: int) -> Node:
        if depth > DEEPEST:
            self._wrong(f"more than {DEEPEST} levels of parentheses")
        self._expect("(")
        mark = self.text[self.place : self.place + 1]
        if mark in ("&", "|", "!"):
            self.place += 1
            parts = self._parts(depth, mark)
            node: Node = Not(parts[0]) if mark == "!" else Group(parts, every=mark == "&")
        else:
            node = self._item()
        self._expect(")")
        return node

    def _parts(self, depth: int, mark: str) -> tuple[Node, ...]:
        parts = [self._filter(depth + 1)]
        while mark != "!" and self.text.startswith("(", self.place):
            parts.append(self._filter(depth + 1))
        return tuple(parts)

    def _item(self) -> Node:
        start = self.place
        attribute = self._read(_attribute, "an attribute name is missing").lower()
        operator = self._read(_operator, f"after {attribute}, none of =, >=, <= and :{BIT_AND}:= follows")
        if operator == "~=" or (operator.startswith(":") and operator != f":{BIT_AND}:="):
            self._wrong(f"{operator} is not supported: use =, >=, <= or :{BIT_AND}:=", self.place - len(operator))
        value = self.place
        pieces = self._pieces()
        if attribute in SECRET_ATTRIBUTES and not (operator == "=" and pieces == (b"", b"") and attribute in KNOWN_BY_PRESENCE):
            self._wrong(f"{attribute} is secret: a filter may not look at it", start)
        return self._compared(attribute, operator, pieces, value)

    def _compared(self, attribute: str, operator: str, pieces: tuple[bytes, ...], place: int) -> Node:
        if operator == "=" and len(pieces) > 1:
            return Presence(attribute) if pieces == (b"", b"") else Substrings(attribute, pieces)
        if len(pieces) > 1:
            self._wrong(f"{operator} compares with one value, without *", place)
        value = pieces[0]
        if not value:
            self._wrong(f"{attribute} is compared with nothing", place)
        if operator == "=":
            short = attribute == "objectcategory" and b"=" not in value
            return Category(attribute, value.decode("utf-8", "replace")) if short else Equality(attribute, fold_octets(value))
        if operator in (">=", "<="):
            return Ordering(attribute, value, operator == ">=")
        mask = _integer(value)
        if mask is None or not -(2**63) <= mask < 2**64:
            self._wrong("bits are given as an integer of at most 64 bits", place)
        return BitAnd(attribute, mask)

    def _pieces(self) -> tuple[bytes, ...]:
        pieces = [self._octets()]
        while self.text.startswith("*", self.place):
            self.place += 1
            pieces.append(self._octets())
        if not all(pieces[1:-1]):
            self._wrong("two * stand together")
        return tuple(pieces)

    def _octets(self) -> bytes:
        start = self.place
        text = self._read(_value, "")
        if self.text.startswith("\\", self.place):
            self._wrong("two hexadecimal digits must follow \\")
        try:
            octets = text.encode("utf-8")
        except UnicodeEncodeError as error:
            self._wrong("half of a character (a lone surrogate)", start + error.start)
        return re.sub(rb"\\(..)", lambda found: bytes.fromhex(found[1].decode()), octets)

    def _read(self, pattern: re.Pattern[str], else_wrong: str) -> str:
        found = pattern.match(self.text, self.place)
        if found is None:
            self._wrong(else_wrong)
        self.place = found.end()
        return found[0]

    def _expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.place):
            self._wrong(f"{mark} is missing")
        self.place += 1

    def _wrong(self, what: str, place: int | None = None) -> NoReturn:
        raise ConfigurationError(
            f"the search filter is wrong at character {(self.place if place is None else place) + 1}: {what}",
            where=f"filter {self.text[:200]!r}",
            next_step="Correct the filter (RFC 4515); ( ) * and \\ in a value are written \\28 \\29 \\2a \\5c.",
        )
