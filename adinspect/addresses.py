"""Telephony addresses (SIP, EUM, LineURI, E.164): pure parsing and normal forms over columns of text.

Digits are ASCII digits everywhere; schemes are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame, Series

_TEXT = pd.StringDtype("pyarrow", float("nan"))

E164 = r"\+[1-9][0-9]{1,14}"
"""An international number (ITU-T E.164): a plus sign and at most 15 digits."""

TEL_URI = r"(?i:tel:)\+?[0-9]{3,}(?:(?i:;ext=)[0-9]+)?"
"""What Lync takes for a line at all: tel:, three digits or more, perhaps an extension (Set-CsUser, LineURI)."""

E164_URI = r"(?i:tel:)\+[1-9][0-9]{2,14}(?:(?i:;ext=)[0-9]+)?"
"""A line that Lync routes and Teams accepts: a TEL_URI whose number is E164."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"

SIP_ADDRESS = rf"[Ss][Ii][Pp]:[A-Za-z0-9\-_.!~*'()&=+$,;?/]+@{_LABEL}(?:\.{_LABEL})+"
"""A SIP address: RFC 3261 unreserved and user-unreserved characters, then a DNS name."""

SIP_ADDRESS_LENGTH = 454
"""Longest SIP address, scheme included (rangeUpper of msRTCSIP-PrimaryUserAddress)."""

SYNC_ADDRESS_LENGTH = 256
"""Longest proxy address that directory synchronization takes (Microsoft IdFix)."""

SIGN_IN_LENGTHS = (64, 48, 113)
"""Longest local part, domain and whole of a sign-in name in Entra ID (Microsoft IdFix)."""

UNROUTABLE = ("corp", "home", "internal", "intranet", "lan", "local", "localdomain", "private")
"""Top-level domains that nobody can own and so no tenant can verify (RFC 6762 and its appendix G)."""

UNVERIFIABLE = "no tenant can verify its domain"
"""The fault of a sign-in name whose domain nobody can own."""

# every letter with a diacritical mark is refused, not only the umlauts (Microsoft 365, "Prepare for directory synchronization")
_NOT_IN_SIGN_IN = r"(?s:.*)(?:[\\%&*+/=?{}|<>();:,\[\]\"]|[^\x21-\x7E])(?s:.*)"
_NOT_IN_SYNC_ADDRESS = r"(?i:smtp|sip):(?s:.*)(?:[<>();,\[\]\"\s]|\p{Z})(?s:.*)"
_MAILBOX = r"(?P<local>[^@]+)@(?P<domain>[^@]+)"

_EUM = r"(?P<scheme>(?i:eum)):(?P<address>[^;]+)(?i:;phone-context=)(?P<context>[^;]+)"
# no slash: it may stand between two numbers
_WRITTEN = re.compile(
    r"(?i:tel:)?(?P<number>\(?\+?[0-9\s().\-]+?)\s*(?:(?:;ext=|extension|extn?\.?|x|#)\s*(?P<extension>[0-9]{1,15}))?",
    re.ASCII | re.IGNORECASE,
)
_SHORTEST = 7
"""Digits of a number that may be completed with a country code: anything shorter is dialled inside a company."""

_LINE = r"(?i:tel:)?(?P<base>\+?[0-9]+)(?:(?i:;ext=)(?P<extension>[0-9]+))?"


def matches(column: Series, pattern: str) -> Series:
    """Whether each value matches the whole pattern: plain bool, a missing value does not."""
    found = pc.match_substring_regex(_arrow(column), rf"\A(?:{pattern})\z")
    return Series(pc.fill_null(found, False).to_numpy(zero_copy_only=False), column.index, dtype=bool)


def parts(values: Series, pattern: str) -> DataFrame:
    """The named groups of a pattern that the whole value matches, as text columns, missing where it does not match.

    A group that took no part in the match is an empty text.
    """
    found = pc.extract_regex(_arrow(values), rf"\A(?:{pattern})\z")
    groups = {field.name: pc.struct_field(found, field.name) for field in found.type}
    return DataFrame({name: Series(group, values.index, dtype=_TEXT) for name, group in groups.items()})


def without_scheme(column: Series) -> Series:
    """SIP addresses as they are compared: lower case, without `sip:`; missing stays missing."""
    return column.str.lower().str.removeprefix("sip:")


def eum(addresses: Series) -> DataFrame:
    """The parts of EUM proxy addresses; every other value, and an EUM address of invalid form, is missing throughout.

    Columns, on the index given: `primary` (bool: the scheme is upper case), `address` and `context` (text), `kind` (`sip` when
    the address has an @, `e164` when it starts with +, `extension` when it is digits, else `other`). Source: Exchange 2013 help,
    "Add a SIP address".
    """
    found = parts(addresses, _EUM)
    address = found["address"]
    kind = Series("other", addresses.index, dtype=_TEXT).mask(matches(address, r"[0-9]+"), "extension")
    kind = kind.mask(address.str.startswith("+", na=False), "e164")
    kind = kind.mask(address.str.contains("@", regex=False, na=False), "sip").where(address.notna())
    return DataFrame({"primary": found["scheme"] == "EUM", "address": address, "context": found["context"], "kind": kind})


def is_eum(addresses: Series) -> Series:
    """Whether each proxy address has the EUM scheme, of valid form or not."""
    return addresses.str.lower().str.startswith("eum:", na=False).astype(bool)


def number(values: Series) -> DataFrame:
    """The parts of LineURIs and dialled numbers: columns `base` (digits, a plus sign kept) and `extension` (digits or empty).

    Both are missing for a value that is neither `tel:` and digits nor digits alone.
    """
    return parts(values, _LINE)


def digits(values: Series) -> Series:
    """Numbers as they are compared when a match may only excuse: digits, without scheme, separators, plus sign and `;ext`."""
    bare = values.str.lower().str.removeprefix("tel:").str.replace(r";(?s:.*)", "", regex=True)
    return bare.str.replace(r"[^0-9]", "", regex=True).replace("", None)


def refused_by_sync(values: Series) -> Series:
    """Whether directory synchronization refuses each proxy address (bool; Microsoft IdFix): too long, or a character.

    Characters are looked at in SMTP and SIP addresses alone: an EUM address needs its semicolon, and an X.500 address may hold
    brackets.
    """
    return matches(values, _NOT_IN_SYNC_ADDRESS) | (values.str.len() > SYNC_ADDRESS_LENGTH).fillna(False).astype(bool)


def domain(names: Series) -> Series:
    """What stands after the last @ of SIP addresses or sign-in names, in lower case; missing where nothing does."""
    return names.str.lower().str.extract(r"@([^@]+)\Z", expand=False)


def sign_in_faults(names: Series, unroutable: Collection[str]) -> dict[str, Series]:
    """Why Entra ID cannot take sign-in names (Microsoft IdFix): a bool column for each fault; a missing name has none.

    `unroutable` are top-level domains, in lower case, that no tenant can have verified.
    """
    mailbox = parts(names, _MAILBOX)
    place = mailbox["domain"].str.lower()
    top = place.str.extract(r"\.([^.]+)\Z", expand=False)
    longest = zip((mailbox["local"], mailbox["domain"], names), SIGN_IN_LENGTHS, strict=True)
    too_long = [(text.str.len() > most).fillna(False).astype(bool) for text, most in longest]
    return {
        "it is not a name, one @ and a domain": names.notna() & place.isna(),
        UNVERIFIABLE: place.notna() & (top.isna() | top.isin(list(unroutable))),
        "it holds characters that are not allowed": matches(names, _NOT_IN_SIGN_IN),
        "it is too long": too_long[0] | too_long[1] | too_long[2],
    }


def international(values: Series) -> Series:
    """Telephone numbers as people write them, as E.164 where they begin with a plus sign or 00; anything else is missing.

    Spaces (no-break ones too), dots, dashes, slashes, brackets and a trunk zero in brackets are taken out.
    """
    bare = values.str.replace("(0)", "", regex=False).str.replace(r"[\s\u00a0\u202f().\-/]", "", regex=True)
    bare = bare.str.replace(r"^00", "+", regex=True)
    return bare.where(matches(bare, E164))


def telephone(values: Series, region: str) -> DataFrame:
    """Telephone numbers as people or Lync write them: columns `e164` and `extension` (digits or empty).

    Both are missing for what is no valid number of its country (numbering plans: libphonenumber). `region` (two letters) is where
    a number without country code belongs; while it is empty, only a number with a plus sign is read, and one of up to six digits
    never gets a country code.
    """
    read = {value: _telephone(value, region) for value in values.dropna().unique()}
    found = [read.get(value, (None, None)) for value in values.tolist()]
    return DataFrame(found, index=values.index, columns=["e164", "extension"]).astype(_TEXT)


def _telephone(value: str, region: str) -> tuple[str | None, str | None]:
    written = _WRITTEN.fullmatch(re.sub("[\u00a0\u202f]", " ", value))
    if not written:
        return None, None
    number, extension = written["number"], written["extension"] or ""
    if "+" not in number and (not region or sum(map(str.isdecimal, number)) < _SHORTEST):
        return None, None
    read = _valid(number, region)
    return (read, extension) if read else (None, None)


@lru_cache(maxsize=1 << 16)
def _valid(number: str, region: str) -> str | None:
    """A valid number as E.164; kept, for a number stands in several places: a line, what Lync exports, a telephone number."""
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _arrow(values: Series) -> pa.Array:
    return pa.array(values, pa.string(), from_pandas=True)
