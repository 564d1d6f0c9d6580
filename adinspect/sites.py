"""Wishes about places and addresses: the sites, number ranges and SIP addresses of a profile, checked key by key."""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

from adinspect import addresses
from adinspect.definitions import DATE, NUMBER, TABLE, TABLES, TEXT, TEXTS, Kind, Toml

LARGEST_RANGE = 1_000_000
"""Numbers of the largest range: a larger one is a digit too many, and no carrier gives it."""

DIGITS = (1, 20)
"""How many digits an extension has, at least and at most (New-UMDialPlan, NumberOfDigitsInExtension)."""


class NumbersManaged(StrEnum):
    """Where the numbers of users are to be managed after their move."""

    TEAMS = "teams"
    DIRECTORY = "directory"


class NumberType(StrEnum):
    """How numbers reach Teams (Set-CsPhoneNumberAssignment, PhoneNumberType)."""

    DIRECT_ROUTING = "DirectRouting"
    CALLING_PLAN = "CallingPlan"
    OPERATOR_CONNECT = "OperatorConnect"


class Owner(StrEnum):
    """Where calls to the numbers of a range arrive."""

    LYNC = "lync"
    PBX = "pbx"
    TEAMS = "teams"


class AddressFrom(StrEnum):
    """What a new SIP address is made of."""

    UPN = "upn"
    MAIL = "mail"
    TEMPLATE = "template"


TEMPLATE_COLUMNS = ("given_name", "surname", "name", "display_name", "sam_account_name")
"""Columns of `users` that a template may name: the others hold no name, or an address that has an @ already."""


@dataclass(frozen=True)
class SipAddresses:
    """What new SIP addresses look like. Without `address` the profile does not say.

    `template` has TEMPLATE_COLUMNS in braces before its @. `domains` (lower case) are the only domains an address may be in;
    empty: those of the topology.
    """

    address: AddressFrom | None = None
    template: str = ""
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class NumberRange:
    """Consecutive E.164 numbers, `start` and `end` included.

    The extension of a number is its last `extension_digits` digits, or `first_extension` (that of `start`) and its place in the
    range; with neither, the UM dial plan's digits tell. `number_type` and `port_date` are those of the move to Teams.
    """

    start: str
    end: str
    owner: Owner
    extension_digits: int = 0
    first_extension: str = ""
    number_type: NumberType | None = None
    port_date: date | None = None
    site: str = ""

    def __len__(self) -> int:
        return int(self.end) - int(self.start) + 1

    def digits(self, otherwise: int) -> int:
        """How many digits its extensions have; `otherwise` where the profile does not say."""
        return len(self.first_extension) or self.extension_digits or otherwise

    def extension(self, number: str, otherwise: int) -> str:
        """The extension of one of its numbers; empty where the number has fewer digits."""
        if self.first_extension:
            return str(int(self.first_extension) + int(number) - int(self.start)).zfill(len(self.first_extension))
        return last_digits(number, self.extension_digits or otherwise)


def last_digits(number: str, count: int) -> str:
    """The last digits of an E.164 number; empty where it has fewer, or where no number of digits is asked."""
    bare = number.removeprefix("+")
    return bare[-count:] if 0 < count <= len(bare) else ""


@dataclass(frozen=True)
class Ranges:
    """The ranges of a profile; no two of them share a number."""

    given: tuple[NumberRange, ...] = ()

    def __iter__(self) -> Iterator[NumberRange]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    @cached_property
    def _ordered(self) -> list[NumberRange]:
        return sorted(self.given, key=_first)

    def of(self, number: object) -> NumberRange | None:
        """The range an E.164 number lies in; anything else lies in none."""
        if not isinstance(number, str):
            return None
        place = bisect_right(self._ordered, (len(number), number), key=_first) - 1
        # a number of another length is another number, whatever its value
        found = self._ordered[place] if place >= 0 else None
        return found if found and len(found.end) == len(number) and number <= found.end else None


def _first(one: NumberRange) -> tuple[int, str]:
    return len(one.start), one.start


@dataclass(frozen=True)
class Site:
    """A place of the organization: who is there, and what they are given there.

    A user is there who is below one of `ous`, a direct or nested member of one of `groups` (DN or sAMAccountName), in one of
    `offices`, or has a number that begins with one of `prefixes`. Everything else is what cmdlets take, empty where the profile
    does not say: `home_pool` an FQDN, the others names.
    """

    name: str
    ous: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    home_pool: str = ""
    um_dial_plan: str = ""
    um_mailbox_policy: str = ""
    lync_dial_plan: str = ""
    voice_policy: str = ""
    hosted_voicemail_policy: str = ""
    routing_policy: str = ""
    tenant_dial_plan: str = ""
    calling_policy: str = ""
    location: str = ""


MEMBERS = ("ous", "groups", "offices", "prefixes")
"""What tells who is at a site."""

SETTINGS = tuple(one.name for one in fields(Site) if one.name not in ("name", *MEMBERS))
"""What users are given at a site."""


@dataclass(frozen=True)
class Places:
    """Everything a profile says about places and addresses."""

    sip: SipAddresses = field(default_factory=SipAddresses)
    sites: tuple[Site, ...] = ()
    ranges: Ranges = field(default_factory=Ranges)


KEYS: Mapping[str, Kind] = {"sip": TABLE, "site": TABLES, "range": TABLES}
"""Top-level keys of a profile that `read` reads."""


def read(toml: Toml) -> Places:
    """Read what a profile says about places and addresses.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    sites = tuple(_site(toml, place, one) for place, one in enumerate(toml.content.get("site", [])))
    _named_once(toml, sites)
    ranges = tuple(_range(toml, place, one, {site.name for site in sites}) for place, one in enumerate(_ranges(toml)))
    _apart(toml, ranges)
    return Places(_sip(toml), sites, Ranges(ranges))


def word(toml: Toml, words: type[StrEnum], value: Any, *keys: str | int) -> Any:
    """One of a few words; an error names the others."""
    if value not in tuple(words):
        raise toml.wrong(f"{keys[-1]} is {value!r}: say one of {', '.join(words)}", *keys)
    return words(value)


def _sip(toml: Toml) -> SipAddresses:
    content = toml.content.get("sip", {})
    toml.check(content, {}, {"address": TEXT, "template": TEXT, "domains": TEXTS}, "sip")
    address = word(toml, AddressFrom, content["address"], "sip", "address") if "address" in content else None
    template, domains = content.get("template", ""), tuple(domain.lower() for domain in content.get("domains", ()))
    for domain in domains:
        if not _sip_address(f"sip:x@{domain}"):
            raise toml.wrong(f"{domain!r} is no SIP domain: say a DNS name such as contoso.com", "sip", "domains")
    if (address is AddressFrom.TEMPLATE) != bool(template):
        key = "template" if template else "address"
        raise toml.wrong('template and address = "template" stand together or not at all', "sip", key)
    if template:
        _check_template(toml, template, domains)
    return SipAddresses(address, template, domains)


def _check_template(toml: Toml, template: str, domains: Sequence[str]) -> None:
    names = template_columns(template)
    if not names:
        raise toml.wrong(f"template is {template!r}: name columns of users in braces before the @", "sip", "template")
    for name in names:
        if name not in TEMPLATE_COLUMNS:
            raise toml.wrong(f"template has no column {name!r}: say {', '.join(TEMPLATE_COLUMNS)}", "sip", "template")
    local, _, domain = template.rpartition("@")
    if "@" in local or "{" in domain or not _sip_address("sip:" + template.format_map(dict.fromkeys(names, "x"))):
        raise toml.wrong(f"template {template!r} gives no SIP address such as ada.byron@contoso.com", "sip", "template")
    if domains and domain.lower() not in domains:
        raise toml.wrong(f"the domain of template is not among domains: {', '.join(domains)}", "sip", "template")


def template_columns(template: str) -> list[str]:
    """The columns a template names; none where its braces are wrong, or ask for more than a column's value."""
    try:
        parsed = [(name, how, kind) for _, name, how, kind in string.Formatter().parse(template) if name is not None]
    except ValueError:
        return []
    return [] if any(how or kind or not name.isidentifier() for name, how, kind in parsed) else [name for name, *_ in parsed]


_SITE_KEYS: Mapping[str, Kind] = {**dict.fromkeys(MEMBERS, TEXTS), **dict.fromkeys(SETTINGS, TEXT)}


def _site(toml: Toml, place: int, content: Mapping[str, Any]) -> Site:
    toml.check(content, {"name": TEXT}, _SITE_KEYS, "site", place)
    if not any(content.get(key) for key in MEMBERS):
        raise toml.wrong(f"site {content['name']!r} does not say who is there: {', '.join(MEMBERS)}", "site", place)
    for key in MEMBERS:
        if "" in content.get(key, ()):
            raise toml.wrong(f"{key} of site {content['name']!r} holds an empty text", "site", place, key)
    for prefix in content.get("prefixes", ()):
        if not _matches(r"\+[1-9][0-9]{0,14}", prefix):
            raise toml.wrong(f"{prefix!r} is no beginning of an E.164 number such as +33199", "site", place, "prefixes")
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    return Site(**given)


def _named_once(toml: Toml, sites: Sequence[Site]) -> None:
    seen: set[str] = set()
    for place, one in enumerate(sites):
        if one.name.casefold() in seen:
            raise toml.wrong(f"there are two sites {one.name!r}", "site", place, "name")
        seen.add(one.name.casefold())


_RANGE_KEYS: Mapping[str, Kind] = {
    "extension_digits": NUMBER,
    "port_date": DATE,
    **dict.fromkeys(("first_extension", "number_type", "site"), TEXT),
}


def _ranges(toml: Toml) -> list[Any]:
    given: list[Any] = toml.content.get("range", [])
    return given


def _range(toml: Toml, place: int, content: Mapping[str, Any], sites: set[str]) -> NumberRange:
    toml.check(content, dict.fromkeys(("start", "end", "owner"), TEXT), _RANGE_KEYS, "range", place)

    def checked(key: str, holds: bool, what: str) -> None:
        if not holds:
            raise toml.wrong(what, "range", place, key)

    start, end, site = content["start"], content["end"], content.get("site", "")
    for key in ("start", "end"):
        checked(
            key, _matches(addresses.E164, content[key]), f"{key} is {content[key]!r}: say an E.164 number such as +33199001000"
        )
    checked("end", len(start) == len(end) and start <= end, f"a range goes from {start} to a later number of as many digits")
    count = int(end) - int(start) + 1
    checked(
        "end", count <= LARGEST_RANGE, f"the range has {count:,} numbers, more than {LARGEST_RANGE:,}: is there a digit too many?"
    )
    checked("site", not site or site in sites, f"there is no site {site!r}")
    _check_extensions(content, count, checked)
    words = {key: word(toml, of, content[key], "range", place, key) for key, of in _RANGE_WORDS.items() if key in content}
    return NumberRange(**{**content, **words})


_RANGE_WORDS: Mapping[str, type[StrEnum]] = {"owner": Owner, "number_type": NumberType}


def _check_extensions(content: Mapping[str, Any], count: int, checked: Callable[[str, bool, str], None]) -> None:
    digits, first = content.get("extension_digits"), content.get("first_extension")
    checked("first_extension", digits is None or first is None, "say extension_digits or first_extension, not both")
    least, most = DIGITS
    checked("extension_digits", digits is None or least <= digits <= most, f"an extension has {least} to {most} digits")
    if digits is not None:
        checked("extension_digits", count <= 10**digits, f"{count:,} numbers cannot differ in their last {digits} digits")
    if first is not None:
        checked(
            "first_extension",
            _matches(r"[0-9]{1,20}", first),
            f"first_extension is {first!r}: say an extension of 1 to 20 digits",
        )
        last = str(int(first) + count - 1)
        checked("first_extension", len(last) <= len(first), f"the last number would have extension {last}, longer than {first}")


def _apart(toml: Toml, ranges: Sequence[NumberRange]) -> None:
    ordered = sorted(enumerate(ranges), key=lambda one: _first(one[1]))
    for (_, one), (place, other) in pairwise(ordered):
        if len(one.start) == len(other.start) and other.start <= one.end:
            raise toml.wrong(f"the range from {other.start} overlaps the one from {one.start} to {one.end}", "range", place)


def _sip_address(text: str) -> bool:
    return _matches(addresses.SIP_ADDRESS, text)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.ASCII) is not None
