"""What a workbook that came back may not be, looked for in its octets before anything parses it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adinspect.errors import InputError
from adinspect.workbook.layout import COLUMNS, ROWS

SAFE = "Nothing was run and nothing was written; the workbook was not opened."
AGAIN = "Save it in Excel or LibreOffice as a plain workbook (.xlsx), or start again from the one that `adinspect plan` wrote."

LARGEST, LARGEST_INSIDE, ENTRIES = 100 << 20, 1 << 30, 1000
"""Octets of the file, octets of what is packed in it, and how many entries it has, at most."""

RATIO, SMALL = 200, 1 << 20
"""How many times smaller an entry may be packed; smaller ones than SMALL octets are not looked at."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins: an encrypted workbook, or one of Excel 97."""

RUNS = re.compile(
    r"(^|/)(vbaproject|vbadata|macrosheets|dialogsheets|activex|embeddings|ctrlprops|externallinks|querytables|customui)"
    r"|(^|/)connections\.xml$|(oleobject|vbaproject)[^/]*\.bin$",
    re.IGNORECASE,
)
"""Names of entries that run something or fetch something."""

MACROS = re.compile(rb"macroenabled|vbaproject|macrosheet|oleobject|externallink", re.IGNORECASE)
"""What the list of content types calls them."""

EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']")
"""Excel makes a hyperlink of an address that somebody types; nobody follows it here."""

DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")
WIDE = re.compile(rb"^(\xff\xfe|\xfe\xff|<\0|\0<|\0\0)")
FAR = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Z]{0,7})([0-9]{0,9})[\"']")
FAR_CANDIDATE = re.compile(rb"\sr\s*=\s*[\"']\s*(?:[A-Z]{2,}[0-9]|[A-Z]*[0-9]{6,})[^\"']{0,20}[\"']")

LAST_ROW = 1_048_576
"""The last row of any sheet: LibreOffice says of it, without a cell, how it looks."""

CHUNK, OVERLAP = 1 << 20, 1 << 12


def check(octets: bytes, file: str) -> None:
    """Refuse what is no plain workbook: too large, encrypted, with macros, links, declarations or cells far off.

    Raises:
        InputError: says which entry of the file, and what is in it.
    """
    if len(octets) > LARGEST:
        raise _wrong(f"the file has {len(octets):,} octets, more than the {LARGEST:,} that are read", file)
    if octets.startswith(OLE):
        raise _wrong("the workbook has a password, or is one of Excel 97", file, "Save it without a password, as .xlsx.")
    try:
        with ZipFile(BytesIO(octets)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(octets), file)
            for entry in entries:
                _check_content(archive, entry, file)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _wrong(f"the file is no whole workbook: {error}", file) from None
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise _wrong("the file is no workbook: it has no list of content types", file)


def _wrong(what: str, file: str, next_step: str = AGAIN) -> InputError:
    return InputError(what, where=file, safe=SAFE, next_step=next_step)


def _check_entries(entries: list[ZipInfo], size: int, file: str) -> None:
    """Look at the names and sizes that an archive declares, before anything is unpacked."""
    if len(entries) > ENTRIES:
        raise _wrong(f"the file has {len(entries):,} entries, more than the {ENTRIES:,} of any workbook", file)
    if sum(entry.file_size for entry in entries) > LARGEST_INSIDE:
        raise _wrong(f"what is packed in the file is larger than {LARGEST_INSIDE:,} octets", file)
    if sum(entry.compress_size for entry in entries) > size:
        raise _wrong("entries of the file lie over each other", file)
    seen: set[str] = set()
    for entry in entries:
        where, name = _entry(file, entry), entry.filename
        if name.casefold() in seen:
            raise _wrong("two entries of the file have the same name", where)
        seen.add(name.casefold())
        if entry.orig_filename != name or name.startswith(("/", "\\")) or re.search(r"(^|[/\\])\.\.([/\\]|$)|[\\:\0]", name):
            raise _wrong("the name of an entry leads out of the file", where)
        if entry.flag_bits & 0x1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _wrong("an entry is encrypted, or packed as no workbook is", where)
        if entry.file_size > SMALL and entry.file_size > RATIO * entry.compress_size:
            raise _wrong(f"an entry is packed to less than a {RATIO}th of its size", where)
        if RUNS.search(name):
            raise _wrong("the workbook holds macros, embedded objects, or links to other files", where)


def _entry(file: str, entry: ZipInfo) -> str:
    return f"{file}, entry {entry.filename[:200]!r}"


def _check_content(archive: ZipFile, entry: ZipInfo, file: str) -> None:
    """Look for what may stand in no entry, whatever its name says: a part is found by its content type."""
    where = _entry(file, entry)
    for place, chunk in enumerate(_chunks(archive, entry)):
        if place == 0:
            told = ENCODING.match(chunk)
            if WIDE.match(chunk) or (told and told[1].lower() != b"utf-8"):
                raise _wrong("an entry is XML in another encoding than UTF-8", where)
        if DECLARES.search(chunk):
            raise _wrong("an entry declares a document type or an entity", where)
        if entry.filename.lower() == "[content_types].xml" and MACROS.search(chunk):
            raise _wrong("the workbook holds macros, embedded objects, or links to other files", where)
        if any(EXTERNAL.search(element) and not HYPERLINK.search(element) for element in _elements(entry, chunk)):
            raise _wrong("the workbook is linked to another file", where)
        for candidate in FAR_CANDIDATE.finditer(chunk):
            _check_near(candidate[0], where)


def _elements(entry: ZipInfo, chunk: bytes) -> list[bytes]:
    """The elements of a list of relationships: no attribute holds the sign they begin with."""
    return chunk.split(b"<") if entry.filename.lower().endswith(".rels") else []


def _check_near(attribute: bytes, where: str) -> None:
    """Refuse a cell or row beyond what a plan's sheet has: filling up to it makes a reader run out of memory."""
    told = FAR.match(attribute)
    if told is None:
        raise _wrong("a cell or row has no place in a sheet", where)
    column = 0
    for letter in told[1]:
        column = column * 26 + letter - ord("A") + 1
    rows = ROWS if told[1] else LAST_ROW
    if column > COLUMNS or int(told[2] or 0) > rows:
        cell = (told[1] + told[2]).decode()
        raise _wrong(f"{'cell' if told[1] else 'row'} {cell} lies far off: {rows:,} rows and {COLUMNS} columns are read", where)


def _chunks(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """The content of an entry in pieces, each beginning with the end of the one before: nothing is missed between two."""
    before = b""
    with archive.open(entry) as content:
        while read := content.read(CHUNK if not entry.filename.lower().endswith(".rels") else -1):
            yield before + read
            before = read[-OVERLAP:]
