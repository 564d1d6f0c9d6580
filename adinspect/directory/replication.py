"""Which attributes of an object were ever written: its replication metadata, as a server that lets it be read keeps it."""

from __future__ import annotations

import struct
from collections.abc import Mapping

METADATA = "replPropertyMetaData"

_HEAD = struct.Struct("<I4xI4x")
_ENTRY = struct.Struct("<II40x")
_LAYOUT = 1


def versions(octets: bytes) -> Mapping[int, int]:
    """How often each attribute was written, by its identifier (ATTRTYP, which the schema calls msDS-IntId where it says it).

    An attribute that was never written has no entry; one that was cleared keeps its own, of version 2 or later. The layout of
    the octets is that of replPropertyMetaDataBlob in Samba's drsblobs.idl.

    Raises:
        ValueError: they are no such metadata.
    """
    try:
        layout, count = _HEAD.unpack_from(octets)
        if layout != _LAYOUT or len(octets) != _HEAD.size + count * _ENTRY.size:
            raise ValueError(f"{len(octets)} octets of layout {layout} for {count} attributes")
        return dict(_ENTRY.iter_unpack(octets[_HEAD.size :]))
    except struct.error as error:
        raise ValueError(f"replication metadata of {len(octets)} octets is cut off") from error
