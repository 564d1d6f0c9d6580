"""LDIF text (RFC 2849), record by record, as ldapsearch and ldifde write it: names what is malformed, tells what is cut off.

The `ldif` package splits records into values. What it does not look at is checked here: that each line is one, that base64 is
base64, that nothing is a change, and that no value is to be read from elsewhere.
"""

from __future__ import annotations

import base64
import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

from ldif import LDIFParser

from adinspect.errors import InputError

LONGEST = 1 << 28
"""Octets that a line may have; a file without line ends is no LDIF, and must not fill the memory."""


@dataclass(frozen=True)
class Record:
    """An entry as exported: the line it starts at, its DN as octets, and its attributes by lower-cased name with options."""

    line: int
    dn: bytes
    attributes: dict[str, list[bytes]]


@dataclass(frozen=True)
class Asked:
    """Another search begins; it asked for these attributes (lower-cased, as asked), or does not say (empty)."""

    attributes: frozenset[str]


@dataclass(frozen=True)
class CutOff:
    """The export ended before its end; always the last that is read of a file."""

    reason: str


def read(path: Path) -> Iterator[Record | Asked | CutOff]:
    """Read an LDIF file: UTF-8 or UTF-16, with a byte order mark or without; nothing else is ever opened.

    Raises:
        InputError: a line is malformed, a record is a change, or a value is a URL; says the line. Or the file cannot be read.
    """
    listing = _Listing(path)
    try:
        with path.open("rb") as file:
            for block in _blocks(path, _transcoded(file)):
                yield from listing.take(block)
    except OSError as error:
        next_step = "Name an LDIF file that this account may read."
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path), next_step=next_step) from None
    except UnicodeDecodeError:
        listing.reasons.append("it ends in the middle of a character")
    if listing.open:
        listing.reasons.append("the lines with which ldapsearch ends its output are missing")
    if listing.cookie:
        listing.reasons.append("the server had more pages")
    if listing.reasons:
        yield CutOff(f"{path} is cut off: {'; '.join(listing.reasons)}")


@dataclass(frozen=True)
class _Block:
    """Lines between blank lines, with their ends. `line` is the number of the first; with the `last` ones the file ends."""

    line: int
    lines: Sequence[bytes]
    last: bool


_ATTRIBUTE = rb"[A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9=*-]+)*"
_LINE = rb"%b:(?:: *[A-Za-z0-9+/]*={0,2} *|(?![:<])[^\0\n]*)" % _ATTRIBUTE

_name = re.compile(_ATTRIBUTE)
_line = re.compile(_LINE)
_lines = re.compile(rb"(?:%b\n)++" % _LINE)
_comment = re.compile(rb"(?m)^#(.*)\n")
_requesting = re.compile(rb" requesting: (.*)")
_cookie = re.compile(rb"(?m)^pagedresults:.*\bcookie=(\S*)")
_result = re.compile(rb"(?m)^result: (\d+) *(.*)$")
_version = re.compile(rb"version: *\d+ *\n")
_closing = re.compile(rb"(?:search|result|ref|control|pagedresults|extended|matchedDN|text):")
_TRAILING = (b" \n", b"\t\n", b"\v\n", b"\f\n", b"\r\n")
_ends_in_space = re.compile(rb"(?m)^(%b):(?!:) *+(.*[ \t\v\f\r])$" % _ATTRIBUTE)


@dataclass
class _Listing:
    """What the blocks of a file come to.

    `open` tells that ldapsearch has begun an output and not ended it, `cookie` that the server has not sent its last page.
    """

    path: Path
    open: bool = False
    cookie: bytes = b""
    reasons: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def take(self, block: _Block) -> Iterator[Record | Asked]:
        text = b"".join(block.lines)
        whole = text.endswith(b"\n")
        text = (text if whole else text + b"\n").replace(b"\r\n", b"\n").replace(b"\n ", b"")
        lines = _comment.sub(b"", text) if b"#" in text else text
        if _closing.match(lines) and b"\ndn:" not in lines.lower():
            self._ended(lines)
            lines = b""
        if lines is not text:
            yield from self._comments(text)
        if _version.match(lines):
            lines = _version.sub(b"", lines, count=1)
            if not self.cookie:
                yield Asked(frozenset())
        if lines and not whole and b"dn:".startswith(lines[:3].lower().rstrip(b"\n")):
            self.reasons.append(f"its last line, in the entry at line {block.line}, has no end")
        elif lines:
            record = self._record(block, lines)
            if record:
                yield record

    def _comments(self, text: bytes) -> Iterator[Asked]:
        for found in _comment.finditer(text):
            if asked := _requesting.fullmatch(found[1]):
                self.open = True
                yield Asked(frozenset(asked[1].decode("utf-8", "replace").lower().split()))
            elif found[1] == b" search result":
                self.open = False
            elif cookie := _cookie.fullmatch(found[1].strip()):
                self.cookie = cookie[1]

    def _ended(self, text: bytes) -> None:
        for code, meaning in _result.findall(text):
            self.open = False
            if code != b"0":
                self.reasons.append(f"the server ended a search with {(code + b' ' + meaning).decode('ascii', 'replace')}")
        for cookie in _cookie.findall(text):
            self.cookie = cookie

    def _record(self, block: _Block, text: bytes) -> Record | None:
        parsed = _parsed(text)
        if parsed is None:
            self._malformed(block)
            return None
        (dn,) = parsed.pop(_DN)
        attributes: dict[str, list[bytes]] = {}
        for name, values in parsed.items():
            attributes.setdefault(self._lowered(name), []).extend(values)
        if attributes.pop("changetype", [b"add"]) != [b"add"] or "dn" in attributes:
            self._malformed(block)
        if attributes and not any(map(any, attributes.values())):
            self._wrong(block.line, "the entry shows names of attributes without their values (ldapsearch -A)")
        return Record(block.line, dn, attributes) if dn else None

    def _lowered(self, name: str) -> str:
        return self.names.setdefault(name, name.lower())

    def _malformed(self, block: _Block) -> None:
        """Raise what is wrong with a record, or note that the file is cut off: it ends in base64 that is not whole."""
        lines = _unfolded(block)
        for place, (number, line) in enumerate(lines):
            what = _fault(line, first=place == 0)
            if what == _DAMAGED and block.last and place == len(lines) - 1:
                self.reasons.append(f"the base64 at its end, in line {number}, is not whole")
                return
            if what:
                self._wrong(number, what)
        self._wrong(block.line, "the record cannot be read")

    def _wrong(self, line: int, what: str) -> NoReturn:
        raise InputError(
            f"the LDIF is malformed: {what}",
            where=f"{self.path}, line {line}",
            safe="No value was read from a URL, and nothing was written.",
            next_step="Export again with ldifde or ldapsearch; do not edit the file.",
        )


_DN = ";dn"
"""Stands for the entry's DN: no attribute can have this name."""


def _parsed(text: bytes) -> dict[str, list[bytes]] | None:
    """A record's values by name as written; None: it is malformed."""
    if text[:3].lower() != b"dn:" or not _lines.fullmatch(text):
        return None
    if any(end in text for end in _TRAILING):
        text = _ends_in_space.sub(_in_base64, text)
    # The package's own check of a DN takes time exponential in its escaped commas: it is given one of ours instead.
    body = b"dn: CN=entry\n" + _DN.encode() + text[2:]
    try:
        ((_, parsed),) = LDIFParser(io.BytesIO(body), encoding=None).parse()
    except ValueError:
        return None
    return dict(parsed)


_DAMAGED = "base64 is damaged"


def _fault(line: bytes, *, first: bool) -> str:
    """What is wrong with an unfolded line; empty: nothing."""
    name, _, value = line.partition(b":")
    kind = name.lower()
    if first != (kind == b"dn"):
        return "a record begins with dn:" if first else "a blank line is missing before dn:"
    if kind == b"changetype" and value.strip().lower() != b"add":
        return f"it holds changes (changetype:{value.decode('utf-8', 'replace')}), not an export"
    if value.startswith(b"<"):
        return f"{name.decode('ascii', 'replace')} is to be read from a URL, which is never done"
    if value.startswith(b":") and _name.fullmatch(name) and not _decodes(value[1:]):
        return _DAMAGED
    return "" if _line.fullmatch(line) else "this is no `attribute: value`"


def _decodes(text: bytes) -> bool:
    try:
        base64.b64decode(text.strip(b" "), validate=True)
    except ValueError:
        return False
    return True


def _unfolded(block: _Block) -> list[tuple[int, bytes]]:
    """The lines of a record with their numbers, continued ones put together; without comments and the version."""
    lines: list[tuple[int, bytes]] = []
    for number, line in enumerate(block.lines, start=block.line):
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        if lines and bare.startswith(b" "):
            lines[-1] = (lines[-1][0], lines[-1][1] + bare[1:])
        else:
            lines.append((number, bare))
    return [(number, line) for number, line in lines if not line.startswith((b"#", b"version:"))]


def _in_base64(found: re.Match[bytes]) -> bytes:
    """A value that ends in a space, which RFC 2849 allows and the package would strip."""
    return found[1] + b":: " + base64.b64encode(found[2])


def _blocks(path: Path, lines: Iterator[bytes]) -> Iterator[_Block]:
    number = start = 0
    block: list[bytes] = []
    for line in lines:
        number += 1
        if line in (b"\n", b"\r\n"):
            if block:
                yield _Block(start, block, last=False)
                block = []
            continue
        if len(line) >= LONGEST:
            raise InputError("this is no LDIF: a line does not end", where=f"{path}, line {number}")
        if not block:
            start = number
        block.append(line)
    if block:
        yield _Block(start, block, last=True)


def _transcoded(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file in UTF-8, with their ends, whatever Unicode it is written in; half a surrogate pair stays one."""
    encoding, mark = _encoding(file.read(3))
    file.seek(mark)
    if encoding == "utf-8":
        yield from iter(lambda: file.readline(LONGEST), b"")
        return
    with io.TextIOWrapper(file, encoding, errors="surrogatepass", newline="\n") as text:
        for line in iter(lambda: text.readline(LONGEST), ""):
            yield line.encode("utf-8", "surrogatepass")


def _encoding(start: bytes) -> tuple[str, int]:
    """A file's encoding and the length of its byte order mark; without one UTF-16 shows in where the zeros of ASCII stand."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return encoding, len(mark)
    first, second = start[:1], start[1:2]
    if b"\0" in (first, second) and first != second:
        return ("utf-16-be" if first == b"\0" else "utf-16-le"), 0
    return "utf-8", 0
