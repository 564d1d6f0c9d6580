"""Security identifiers as text: the one way their octets are read ([MS-DTYP] 2.4.2), so that what compares them compares like."""

from __future__ import annotations

import struct

_HEAD = struct.Struct("<BB6s")
_MOST_SUBAUTHORITIES = 15


def text(octets: bytes, start: int = 0) -> str:
    """The SID that begins at `start`, whatever follows it: `S-1-5-21-...`.

    Raises:
        ValueError: there is none.
        struct.error: the octets end within it.
    """
    revision, count, authority = _HEAD.unpack_from(octets, start)
    if revision != 1 or count > _MOST_SUBAUTHORITIES:
        raise ValueError(f"SID of revision {revision} with {count} subauthorities")
    number = int.from_bytes(authority, "big")
    identifier = str(number) if number < 1 << 32 else f"0x{number:012x}"
    return "-".join(("S-1", identifier, *map(str, struct.unpack_from(f"<{count}I", octets, start + _HEAD.size))))


def whole(octets: bytes) -> str:
    """The SID that these octets are, from the first to the last.

    Raises:
        ValueError: they are none, or more than one.
    """
    if len(octets) < _HEAD.size or len(octets) != _HEAD.size + 4 * octets[1]:
        raise ValueError(f"{len(octets)} octets are no SID")
    return text(octets)
