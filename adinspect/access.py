"""What an account may read of an object, told from the object's security descriptor: absent, or not shown.

LDAP leaves out, without an error, what an account may not read. The access list says which it was: it is evaluated here with
the SIDs of the account, in the order of its entries (ACEs), as the directory does ([MS-DTYP] 2.4.6, 2.5.3; [MS-ADTS] 5.1.3).
Where it cannot be told, the answer is None, never a guess.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adinspect import security_identifier

LIST_CONTENTS = 0x4
"""See that an object has children ([MS-ADTS] 5.1.3.2, like the next two)."""
READ_PROPERTY = 0x10
"""Read an attribute, the attributes of a property set, or all."""
CONTROL_ACCESS = 0x100
"""Of an attribute: read it though the schema calls it confidential (searchFlags 128)."""
EVERYTHING = 0xF01FF
"""All rights to an object of the directory: what generic all stands for."""

_GENERIC = {0x80000000: 0x20094, 0x40000000: 0x20028, 0x20000000: 0x20004, 0x10000000: EVERYTHING}
"""Generic read, write, execute and all, and the rights that they stand for in a directory ([MS-ADTS] 5.1.3.2)."""

_EVERY_TOKEN = frozenset({"S-1-1-0", "S-1-5-11"})
"""Everyone and Authenticated Users: whoever has signed in is both ([MS-DTYP] 2.4.2.4)."""
_SELF = "S-1-5-10"
"""Principal Self: stands for the SID of the object that the list belongs to ([MS-DTYP] 2.4.2.4)."""

_DACL_PRESENT, _SELF_RELATIVE = 0x0004, 0x8000
_INHERITED_BY_CONTAINERS, _INHERIT_ONLY = 0x02, 0x08
_OBJECT_TYPE, _INHERITED_OBJECT_TYPE = 0x1, 0x2

# ACE types of [MS-DTYP] 2.4.4.1
_ALLOWED = frozenset({0, 5, 9, 11})
_DENIED = frozenset({1, 6, 10, 12})
_WITH_OBJECT_TYPE = frozenset({5, 6, 11, 12})
_CONDITIONAL = frozenset({9, 10, 11, 12})
_AUDIT = frozenset({2, 3, 7, 8, *range(13, 20)})

_DESCRIPTOR = struct.Struct("<BxHIIII")
_LIST = struct.Struct("<BxHHxx")
_ACE = struct.Struct("<BBH")
_NUMBER = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Ace:
    """An access control entry: allows or denies the rights in `mask` to `sid`.

    `mask` has its generic rights mapped. `object_type` is the attribute, property set, class or extended right that it speaks of;
    None is the whole object. A `conditional` entry applies only if an expression holds, which cannot be evaluated from outside.
    """

    allow: bool
    mask: int
    sid: str
    object_type: UUID | None = None
    conditional: bool = False


Dacl = tuple[Ace, ...] | None
"""The entries that apply to an object itself, in order. Empty: nobody may do anything. None, a NULL DACL: all may do all."""


def parse_dacl(descriptor: bytes, *, passed_on: bool = False) -> Dacl:
    """Read the access list in a value of nTSecurityDescriptor, a self-relative SECURITY_DESCRIPTOR ([MS-DTYP] 2.4.6).

    Entries that are only there to be inherited, and those for auditing, are left out; with `passed_on`, those are read that every
    object below inherits, unless it is protected from that, and no others. Raises ValueError where the octets are
    malformed, and where they hold no DACL: a server that is not asked for it (SD_FLAGS without 4) leaves it out, and that must
    not read as "everybody".
    """
    try:
        octets = _list_octets(descriptor)
        return None if octets is None else tuple(_entries(octets, passed_on))
    except struct.error as error:
        raise ValueError(f"security descriptor of {len(descriptor)} octets is cut off") from error


def _list_octets(descriptor: bytes) -> bytes | None:
    revision, control, _owner, _group, _sacl, start = _DESCRIPTOR.unpack_from(descriptor)
    if revision != 1 or not control & _SELF_RELATIVE:
        raise ValueError(f"not a self-relative security descriptor: revision {revision}, control 0x{control:04x}")
    if not control & _DACL_PRESENT:
        raise ValueError(f"security descriptor was read without its DACL: control 0x{control:04x}")
    if start == 0:
        return None
    if start < _DESCRIPTOR.size:
        raise ValueError(f"access list at octet {start} of the descriptor stands in its header")
    _, size, _ = _LIST.unpack_from(descriptor, start)
    return _slice(descriptor, start, size, "access list")


def _entries(octets: bytes, passed_on: bool) -> Iterator[Ace]:
    revision, _, count = _LIST.unpack_from(octets)
    if revision not in {2, 3, 4}:
        raise ValueError(f"access list of revision {revision}")
    start = _LIST.size
    for _ in range(count):
        kind, flags, size = _ACE.unpack_from(octets, start)
        ace, of_one_class = _entry(kind, _slice(octets, start, size, "access control entry"))
        start += size
        applies = flags & _INHERITED_BY_CONTAINERS and not of_one_class if passed_on else not flags & _INHERIT_ONLY
        if ace is not None and applies:
            yield ace


def _entry(kind: int, octets: bytes) -> tuple[Ace | None, bool]:
    """An entry, and whether only objects of one class inherit it."""
    if kind in _AUDIT:
        return None, False
    if kind not in _ALLOWED and kind not in _DENIED:
        raise ValueError(f"access control entry of unknown type {kind}")
    (mask,) = _NUMBER.unpack_from(octets, _ACE.size)
    start = _ACE.size + _NUMBER.size
    object_type, of_one_class = None, False
    if kind in _WITH_OBJECT_TYPE:
        (present,) = _NUMBER.unpack_from(octets, start)
        start += _NUMBER.size
        if present & _OBJECT_TYPE:
            object_type = UUID(bytes_le=_slice(octets, start, 16, "object type"))
            start += 16
        if present & _INHERITED_OBJECT_TYPE:
            of_one_class = True
            start += 16
    sid = security_identifier.text(octets, start)
    return Ace(kind in _ALLOWED, _mapped(mask), sid, object_type, kind in _CONDITIONAL), of_one_class


def _slice(octets: bytes, start: int, size: int, what: str) -> bytes:
    if size < _ACE.size or start + size > len(octets):
        raise ValueError(f"{what} of {size} octets at octet {start} of {len(octets)}")
    return octets[start : start + size]


def _mapped(mask: int) -> int:
    for generic, specific in _GENERIC.items():
        if mask & generic:
            mask = mask & ~generic | specific
    return mask


def grants(dacl: Dacl, sid: str) -> int:
    """Rights to the whole object that allowing entries give to exactly this SID; what others deny is not looked at.

    Conditional entries and those for single attributes do not count. A NULL DACL gives everything.
    """
    if dacl is None:
        return EVERYTHING
    mask = 0
    for ace in dacl:
        if ace.allow and ace.sid == sid and ace.object_type is None and not ace.conditional:
            mask |= ace.mask
    return mask


@dataclass(frozen=True)
class Rights:
    """What an account may see of one object.

    `aces` are the entries that speak of the account, in order; None is a NULL DACL. `object_class` is the schemaIDGUID of the
    object's class: an entry that names it speaks of the whole object ([MS-ADTS] 5.1.3.3.3); None: such entries are passed over.
    """

    aces: Dacl
    object_class: UUID | None = None

    @classmethod
    def of(cls, dacl: Dacl, account: Set[str], *, own_sid: str | None = None, object_class: UUID | None = None) -> Rights:
        """Rights of an account, given as the SIDs of its token (its own and its groups', nested ones too).

        Everyone and Authenticated Users are added. `own_sid` is the object's own SID: where the account has it, entries for
        Principal Self count.
        """
        if dacl is None:
            return cls(None, object_class)
        token = account | _EVERY_TOKEN | ({_SELF} if own_sid in account else set())
        return cls(tuple(ace for ace in dacl if ace.sid in token), object_class)

    def may_read(self, attribute: UUID | None, property_set: UUID | None, confidential: bool) -> bool | None:
        """Whether the account may read an attribute, given by its schemaIDGUID and, if it has one, attributeSecurityGUID.

        None where it cannot be told: a conditional entry decides, or, with no `attribute` (the schema is not known), one that may
        or may not speak of it. Confidential attributes need the control access right too ([MS-ADTS] 3.1.1.4.4).
        """
        path = {None, self.object_class, property_set, attribute}
        may = self._may(READ_PROPERTY, path, attribute is not None)
        if not confidential or may is False:
            return may
        beyond = self._may(CONTROL_ACCESS, path, attribute is not None)
        return may if beyond is True else beyond

    def may_list(self) -> bool | None:
        """Whether the account may see that the object has children; None where a conditional entry decides."""
        return self._may(LIST_CONTENTS, {None, self.object_class}, True)

    def _may(self, right: int, path: Set[UUID | None], path_is_whole: bool) -> bool | None:
        """Whether `right` is given at the end of `path`: from the object (None, its class) by the property set to the attribute.

        An entry speaks of all that is below what it names, so the first on the path decides ([MS-ADTS] 5.1.3.3.3). Entries that
        may or may not apply leave the answer open, unless they and the first that does apply say the same.
        """
        if self.aces is None:
            return True
        unresolved: set[bool] = set()
        for ace in self.aces:
            on_path = ace.object_type in path
            if not ace.mask & right or (path_is_whole and not on_path):
                continue
            if on_path and not ace.conditional:
                return ace.allow if unresolved <= {ace.allow} else None
            unresolved.add(ace.allow)
        return None if True in unresolved else False


@dataclass(frozen=True)
class Opening:
    """What would show to an account what an access list keeps from it.

    `groups` are those of which membership alone does. `denied` are SIDs of the account's own token to which entries deny it:
    without these it would be shown, or a membership would show it where as things are none does.
    """

    groups: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


Question = Callable[[Rights], bool | None]


def opening(
    dacl: Dacl, account: Set[str], joining: Mapping[str, Set[str]], asks: Question, *, object_class: UUID | None = None
) -> Opening:
    """What would show to an account what `asks` asks of an access list; nothing where the list lets the account already.

    `joining` maps groups (SIDs) to all SIDs that their members have in their token. Each is tried as if the account were a
    member, entries that deny included.
    """
    entries = dacl or ()
    named = {ace.sid for ace in entries if ace.allow} & joining.keys()

    def opens(entries: Dacl, more: Set[str]) -> bool:
        return asks(Rights.of(entries, account | more, object_class=object_class)) is True

    if opens(dacl, frozenset()):
        return Opening()
    groups = frozenset(sid for sid in named if opens(dacl, joining[sid]))
    token = account | _EVERY_TOKEN
    denied = frozenset(ace.sid for ace in entries if not ace.allow and ace.sid in token)
    allowing = tuple(ace for ace in entries if ace.allow)
    joined = () if groups else (joining[sid] for sid in named)
    helps = denied and any(opens(allowing, more) for more in (frozenset[str](), *joined))
    return Opening(groups, denied if helps else frozenset())


_READING = LIST_CONTENTS | READ_PROPERTY | 0x20080
"""What shows something and changes nothing: also read control, and list object ([MS-ADTS] 5.1.3.2)."""


def only_reads(dacl: Dacl, sid: str) -> bool:
    """Whether what entries allow to exactly this SID is reading, as far as these entries tell."""
    granted = (ace for ace in dacl or () if ace.allow and ace.sid == sid)
    return all(not ace.mask & ~(_READING | (CONTROL_ACCESS if ace.object_type else 0)) for ace in granted)


@dataclass(frozen=True)
class Attribute:
    """An attribute as access lists know it: its name, schemaIDGUID, attributeSecurityGUID, and whether it is confidential.

    All three come from the attribute's attributeSchema; which attributes a property set has differs from forest to forest.
    """

    name: str
    guid: UUID | None
    property_set: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True)
class Readability:
    """Which attributes of which rows an account may read.

    `rows` says for each row which access list it has (int32; null: not shown), `answers` for each attribute what each list says
    (bool; null: it cannot be told).
    """

    rows: pa.Array
    answers: Mapping[str, pa.Array]

    def of(self, attribute: str) -> pa.BooleanArray:
        """Whether the account may read this attribute, a value a row: true, false, or null where it cannot be told."""
        return self.answers[attribute].take(self.rows)


def readability(
    descriptors: pa.Array | pa.ChunkedArray,
    attributes: Sequence[Attribute],
    account: Set[str],
    *,
    own_sids: pa.Array | pa.ChunkedArray | None = None,
    object_class: UUID | None = None,
) -> Readability:
    """Evaluate the security descriptors of many objects, each distinct one once.

    `descriptors` is a column of nTSecurityDescriptor, binary or list<binary>: null where it was not shown; a cell that is empty,
    holds several values or is malformed leaves all of its row open. `account` has the SIDs of the token (see Rights.of).
    `own_sids`, text, has the objects' own SIDs, for entries about Principal Self, and `object_class` is the schemaIDGUID of the
    class of all the rows. Raises ValueError if the columns differ in length.
    """
    distinct, rows = _distinct(descriptors)
    rights = [_rights(descriptor, account, object_class) for descriptor in distinct]
    if own_sids is not None:
        own = _among(own_sids, account, len(rows))
        rights += [_rights(descriptor, account | {_SELF}, object_class) for descriptor in distinct] if own.any() else []
        rows = np.where(own & (rows >= 0), rows + len(distinct), rows)
    return Readability(
        pa.array(rows, pa.int32(), mask=rows < 0),
        {attribute.name: pa.array([_answer(right, attribute) for right in rights], pa.bool_()) for attribute in attributes},
    )


def _distinct(column: pa.Array | pa.ChunkedArray) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    """The different values of a column, and for each row which of them it has; -1: not exactly one."""
    column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return _encoded(column)
    # the octets are encoded where they lie: gathering one a row first would copy hundreds of megabytes
    distinct, codes = _encoded(pc.list_flatten(column))
    rows = np.full(len(column), -1, np.int64)
    rows[pc.list_parent_indices(column).to_numpy()] = codes
    single = pc.fill_null(pc.equal(pc.list_value_length(column), 1), False).to_numpy()
    return distinct, np.where(single, rows, -1)


def _encoded(column: pa.ChunkedArray) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    chunks = column.dictionary_encode().unify_dictionaries().chunks
    codes = [pc.fill_null(chunk.indices, -1).to_numpy() for chunk in chunks]
    return (chunks[0].dictionary.to_pylist() if chunks else []), np.concatenate([np.empty(0, np.int64), *codes])


def _among(sids: pa.Array | pa.ChunkedArray, account: Set[str], rows: int) -> npt.NDArray[np.bool_]:
    if len(sids) != rows:
        raise ValueError(f"{len(sids)} SIDs for {rows} security descriptors")
    own: npt.NDArray[np.bool_] = pc.is_in(sids, value_set=pa.array(sorted(account), sids.type)).to_numpy(zero_copy_only=False)
    return own


def _rights(descriptor: bytes, account: Set[str], object_class: UUID | None) -> Rights | None:
    try:
        return Rights.of(parse_dacl(descriptor), account, object_class=object_class)
    except ValueError:
        return None


def _answer(rights: Rights | None, attribute: Attribute) -> bool | None:
    return None if rights is None else rights.may_read(attribute.guid, attribute.property_set, attribute.confidential)
