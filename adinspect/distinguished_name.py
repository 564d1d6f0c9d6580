"""Distinguished names, compared as AD compares them.

Names are read leniently (RFC 4514, with spaces around `,`, `+` and `=` as RFC 2253 writers put them): nothing here raises for a
malformed name, it only equals fewer others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import Series  # the filters of the queries need this module, and no pandas

Names = TypeVar("Names", pa.Array, pa.ChunkedArray, "Series")

_ODD = r"[\\+]|^ | $| [,=]|[,=] "
"""What an ASCII name must be free of for its lower-cased text to be its key; the same in re and in RE2, which Arrow uses."""

_FIRST_RDN = r"(?s)^[^,\\]*(?:\\.[^,\\]*)*(?:, *|\\?$)"

_odd = re.compile(_ODD)
_first_rdn = re.compile(_FIRST_RDN)
_escape = re.compile(rb"(?s)\\(?:([0-9A-Fa-f]{2})|(.))")
_no_utf8 = re.compile("[\udc80-\udcff]")
_special = re.compile("^ | $|[\\\\,+\udc80-\udcff]")


def key(dn: str) -> str:
    r"""Return the form in which equal names are equal texts: unescaped, without spaces around separators, case folded.

    In it a comma always separates: those in values are `\2c` (and `+`, `\`, spaces at an end, octets that are no UTF-8 likewise).
    Case is folded letter by letter, as the directory's own table does; what its comparison may ignore beyond that (accents) is
    kept apart: the directory allows no siblings that it takes for equal, and always returns one spelling.
    """
    if dn.isascii() and not _odd.search(dn):
        return dn.lower()
    return ",".join("+".join(sorted(map(_assertion_key, _split(rdn, "+")))) for rdn in _split(dn, ","))


def keys(dns: Names) -> Names:
    """Return the keys of many names, in the shape they came in: an Arrow array (plain or chunked) of strings, or a Series."""
    if isinstance(dns, pa.ChunkedArray):
        return pa.chunked_array([keys(chunk) for chunk in dns.chunks], dns.type)
    if not isinstance(dns, pa.Array):
        found = keys(pa.array(dns, pa.string(), from_pandas=True))
        return type(dns)(found.to_pylist(), index=dns.index, dtype=dns.dtype, name=dns.name)
    lowered = pc.ascii_lower(dns)
    odd = pc.or_(pc.invert(pc.string_is_ascii(dns)), pc.match_substring_regex(dns, _ODD))
    slow = pa.array([key(dn) for dn in dns.filter(odd).to_pylist()], dns.type)
    return pc.replace_with_mask(lowered, pc.fill_null(odd, False), slow) if len(slow) else lowered


def parent(dn: str) -> str:
    """Return the name of the object that this one is a child of, as spelt here; empty for a name of one component."""
    return _first_rdn.sub("", dn, count=1)


def parents(dns: pa.Array) -> pa.Array:
    """Return the parents of an Arrow array of names."""
    return pc.replace_substring_regex(dns, _FIRST_RDN, "", max_replacements=1)


def components(dn: str) -> list[str]:
    """Return the name's RDNs as spelt here, the object's own first."""
    return [_trimmed(rdn) for rdn in _split(dn, ",")] if dn else []


def rdn_value(dn: str) -> str:
    r"""Return the unescaped value of the object's own RDN: `Doe, Jane` of `CN=Doe\, Jane,OU=Staff`.

    Octets that are no UTF-8 stay `\xx`.
    """
    own = _split(_split(dn, ",")[0], "+")[0]
    return _no_utf8.sub(_hex, _value(own.partition("=")[2]))


def under(dn_key: str, base_key: str) -> bool:
    """Whether the object is the base or below it; both given as keys."""
    return dn_key == base_key or dn_key.endswith("," + base_key)


def below(keys: Series, bases: Iterable[str]) -> Series:
    """Whether each object is one of the bases or below one (bool); the objects given as keys, the bases as names."""
    found = keys.isna()
    for base in map(key, bases):
        found |= (keys == base) | keys.str.endswith("," + base)
    return found


def is_deleted(dn: str) -> bool:
    r"""Whether a deletion gave the name: it has `\0ADEL:` or is in, or of, a `CN=Deleted Objects` ([MS-ADTS] 3.1.1.5.5)."""
    found = key(dn)
    return "\ndel:" in found or ",cn=deleted objects," in f",{found},"


def dns_name(dn: str) -> str:
    """Return the DNS name, lower-cased, of the domain or application partition: the `DC=` components at the end of the name."""
    labels: list[str] = []
    for component in reversed(_split(dn, ",")):
        kind, _, value = component.partition("=")
        if kind.strip(" ").lower() != "dc":
            break
        labels.insert(0, fold(_value(value)))
    return ".".join(labels)


def fold(text: str) -> str:
    """Fold case letter by letter: sharp s stays, unlike in str.casefold, and both forms of the small sigma are one."""
    return text.lower().replace("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")


def _assertion_key(assertion: str) -> str:
    kind, equals, value = assertion.partition("=")
    return kind.strip(" ").lower() + equals + _special.sub(_hex, fold(_value(value)))


def _split(text: str, mark: str) -> list[str]:
    parts: list[str] = []
    for part in text.split(mark):
        if parts and _escapes_next(parts[-1]):
            parts[-1] += mark + part
        else:
            parts.append(part)
    return parts


def _escapes_next(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _value(text: str) -> str:
    octets = _trimmed(text).encode("utf-8", "surrogateescape")
    return _escape.sub(_unescaped, octets).decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode()) if found[1] else found[2]


def _trimmed(text: str) -> str:
    """The text without the spaces at its ends, unless the last one is escaped."""
    start = text.lstrip(" ")
    bare = start.rstrip(" ")
    return bare + " " if len(bare) < len(start) and _escapes_next(bare) else bare


def _hex(found: re.Match[str]) -> str:
    return f"\\{found[0].encode('utf-8', 'surrogateescape')[0]:02x}"
