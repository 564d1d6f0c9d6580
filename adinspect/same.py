"""When two values of a column are one: as the directory and the product understand them, not as they are spelt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from pandas import DataFrame

from adinspect import distinguished_name, query
from adinspect.query import Column, Type

IGNORED: Mapping[str, str] = {
    "cn": "It is the name of the object: a rename is told as moved.",
    "name": "It is the name of the object: a rename is told as moved.",
    "whenChanged": "It follows every other change, and each domain controller has its own.",
    "uSNChanged": "It follows every other change, and each domain controller has its own.",
    "lastLogonTimestamp": "It moves whenever somebody signs in.",
    "msExchUMDtmfMap": "Exchange works it out of the name and the addresses.",
}
"""Attributes whose changes are no news, and why."""

LIKE_NOTHING: Mapping[str, Any] = {
    "msExchUMEnabledFlags2": -1,
}
"""Values that mean what no value means: of the feature flags, all of them."""

_SEPARATORS = re.compile(r"[\s().\-]")
"""Visual separators of a telephone number (RFC 3966, 5.1.1), and spaces."""

_DELETED = re.compile(r"(?i)\\0ADEL:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""How a deletion renames an object: its objectGUID stays in the name ([MS-ADTS] 3.1.1.5.5)."""


@dataclass(frozen=True)
class Names:
    """The objects that one moment shows: their guids, and the guid behind each name (key of a DN)."""

    behind: Mapping[str, str]
    guids: frozenset[str]
    _known: dict[str, tuple[str, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Mapping[str, DataFrame]) -> Names:
        """Read them off the tables of the queries."""
        read = [tables[name][["guid", "dn"]] for name in query.shipped() if name in tables]
        objects = pd.concat([DataFrame({"guid": [], "dn": []}, dtype="str"), *read], ignore_index=True).drop_duplicates()
        keys = distinguished_name.keys(objects["dn"].astype("str"))
        return cls(dict(zip(keys, objects["guid"], strict=True)), frozenset(objects["guid"]))

    def named(self, dn: str) -> tuple[str, bool]:
        """What a link names: a guid, or the key of a name behind which nobody is known; and whether it is a guid."""
        if dn not in self._known:
            key = distinguished_name.key(dn)
            deleted = _DELETED.search(dn)
            guid = self.behind.get(key) or (deleted[1].lower() if deleted else None)
            self._known[dn] = (guid or key, guid is not None)
        return self._known[dn]


def compare(column: Column, old: Any, new: Any, before: Names, after: Names) -> bool | None:
    """Whether two values (lists of a column with many) are one; None where nobody can tell what a link names.

    Text is compared without regard to case, which the directory ignores too, but for the scheme of a proxy address, which marks
    the primary one. A `tel:` URI is compared as RFC 3966 section 5 says. A blank text is no value. The order of many does not
    count.
    """
    if column.links:
        return _links(_many(old), _many(new), before, after)
    return _meanings(column, old) == _meanings(column, new)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _meanings(column: Column, value: Any) -> frozenset[Any]:
    return frozenset(_meaning(column, one) for one in _many(value)) - {None}


def _meaning(column: Column, value: Any) -> Any:
    if value == LIKE_NOTHING.get(column.attribute):
        return None
    if not isinstance(value, str) or column.type is Type.BASE64:
        return value
    if not value.strip():
        return None
    if column.attribute == "proxyAddresses":
        scheme, colon, address = value.partition(":")
        return scheme + colon + distinguished_name.fold(address)
    folded = distinguished_name.fold(value)
    return _telephone(folded) if folded.startswith("tel:") else folded


def _telephone(uri: str) -> tuple[str, ...]:
    number, *parameters = uri.split(";")
    return (_SEPARATORS.sub("", number), *sorted(parameters))


def _links(old: list[str], new: list[str], before: Names, after: Names) -> bool | None:
    """Links are one when they name the same objects; a name that one moment does not know is looked up in the other."""
    was, now = {before.named(dn) for dn in old if dn.strip()}, {after.named(dn) for dn in new if dn.strip()}
    now = {_looked_up(one, before, was) for one in now}
    was = {_looked_up(one, after, now) for one in was}
    lost, found = was - now, now - was
    if not lost and not found:
        return True
    may_be_renamed = len(lost) == len(found) and 0 < _unknown(found) + _unknown(lost) == len(lost)
    return None if may_be_renamed and _all_unseen(lost, after) and _all_unseen(found, before) else False


def _unknown(tokens: set[tuple[str, bool]]) -> int:
    return sum(not known for _, known in tokens)


def _looked_up(one: tuple[str, bool], there: Names, others: set[tuple[str, bool]]) -> tuple[str, bool]:
    """What the other moment knows behind a name, where its own does not and the other one links to it too."""
    token, known = one
    guid = None if known else there.behind.get(token)
    return (guid, True) if guid and (guid, True) in others else one


def _all_unseen(tokens: set[tuple[str, bool]], there: Names) -> bool:
    return all(not known or token not in there.guids for token, known in tokens)
