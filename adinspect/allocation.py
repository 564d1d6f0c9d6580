"""Gives numbers and extensions to those who want them: never one that is in use, and never one twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from adinspect.sites import NumberRange, Owner, Ranges, last_digits

SHORT = 7
"""Digits from which on a number without country code is one that can be called from outside; a shorter one is internal."""

SHORTEST = 3
"""Fewest digits that are taken for a number at all."""


NAMED = 5
"""So many holders of an extension are named."""


class Source(StrEnum):
    """Where a proposed number comes from."""

    TELEPHONE = "telephone number"
    RANGE = "range"


@dataclass(frozen=True)
class Extensions:
    """The extensions of one UM dial plan: how many digits each has, and who holds which (by guid; `names` says who that is)."""

    plan: str
    digits: int
    held: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def others(self, extension: str, guid: str) -> str:
        """Who else holds an extension, in words; empty where nobody does."""
        names = sorted({self.names.get(other, other) for other in self.held.get(extension, frozenset()) - {guid}})
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return ", ".join(names[:NAMED]) + more


@dataclass(frozen=True)
class Numbers:
    """Every number in use: `held` maps an E.164 number to who has or shows it.

    `endings` maps the digits of numbers that are not certain (nobody said of which country) to who has or shows them, `sites`
    holders to their site. `supplied` are numbers that side inputs name, `orbits` ranges on which calls are parked. A number
    outside of `carrier`, where that is given, is not the organization's.
    """

    held: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    endings: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)
    supplied: AbstractSet[str] = frozenset()
    orbits: tuple[tuple[str, str], ...] = ()
    carrier: tuple[tuple[str, str], ...] | None = None

    def taken(self, number: str, site: str) -> bool:
        """Whether a number may be in use by anybody; what is internal counts where it could be of the same site."""
        if number in self.held or number in self.supplied or _within(number, self.orbits):
            return True
        for ending in _endings(number):
            if holders := self.endings.get(ending):
                here = len(ending) >= SHORT or any(self.sites.get(guid, site) == site for guid in holders)
                if here:
                    return True
        return self.lent(number)

    def lent(self, number: str) -> bool:
        """Whether the carrier's ranges are known and the number lies in none."""
        return self.carrier is not None and not _within(number, self.carrier)

    def shared(self, number: str, guid: str) -> bool:
        """Whether anybody but this object may have or show a number that can be called from outside."""
        if number in self.supplied or _within(number, self.orbits) or self.held.get(number, frozenset()) - {guid}:
            return True
        return any(self.endings.get(ending, frozenset()) - {guid} for ending in _endings(number) if len(ending) >= SHORT)


@dataclass(frozen=True)
class Want:
    """What one user lacks. `line` is the E.164 number they have already, `line_extension` its extension (digits or empty).

    `telephone` is their telephone number as E.164, and direct; `no_telephone` says why a number that they show cannot be told.
    `ranges` are those a free number may come from, `no_range` says why there is none. `extensions` are those of the UM dial plan
    they are to be in; without it `no_plan` says why.
    """

    guid: str
    identity: str
    site: str
    wants_line: bool
    wants_extension: bool
    line: str = ""
    line_extension: str = ""
    telephone: str = ""
    no_telephone: str = ""
    ranges: tuple[NumberRange, ...] = ()
    no_range: str = ""
    extensions: Extensions | None = None
    no_plan: str = ""


@dataclass(frozen=True)
class Given:
    """What one user gets: an E.164 number and where it comes from, an extension; of what stays empty, why."""

    number: str = ""
    source: Source | None = None
    extension: str = ""
    line_problem: str = ""
    extension_problem: str = ""


def allocate(wants: Iterable[Want], ranges: Ranges, numbers: Numbers) -> dict[str, Given]:
    """Give every want what can be given, by guid; the same for the same wants, in whatever order they come.

    What is certain comes first: telephone numbers that become lines, and extensions that follow from a number. An extension that
    two of these would have is given to neither. Free numbers follow in the order of site, identity and guid, from the start of
    each range.
    """
    ordered = sorted(wants, key=lambda want: (want.site, want.identity.casefold(), want.guid))
    fixed = {want.guid: _own_number(want, ranges, numbers) for want in ordered}
    following = {
        want.guid: _following(want, fixed[want.guid].number or want.line, ranges)
        for want in ordered
        if want.wants_extension and want.extensions
    }
    claims = Counter((_plan(want), following[want.guid]) for want in ordered if following.get(want.guid))
    given_out = _Given({one.number for one in fixed.values() if one.number}, set(claims))
    given = {}
    for want in ordered:
        own = fixed[want.guid]
        if own.number or not want.wants_line or own.line_problem:
            given[want.guid] = _with_extension(want, own, following.get(want.guid, ""), claims, ranges)
        else:
            given[want.guid] = _free(want, numbers, given_out)
    return given


def _own_number(want: Want, ranges: Ranges, numbers: Numbers) -> Given:
    """The user's telephone number, where it may become the line; else a problem where a person has to decide."""
    if not want.wants_line:
        return Given()
    if want.no_telephone:
        return Given(line_problem=want.no_telephone)
    if not want.telephone:
        return Given()
    place = ranges.of(want.telephone)
    if place is None or place.owner is not Owner.LYNC:
        where = f"in a range of owner {place.owner}" if place else "in no range of the profile"
        return Given(line_problem=f"the telephone number {want.telephone} lies {where}: say which number the user gets")
    if numbers.lent(want.telephone):
        return Given(line_problem=f"the telephone number {want.telephone} lies in no range of the carrier: ask the carrier")
    if numbers.shared(want.telephone, want.guid):
        return Given()
    return Given(want.telephone, Source.TELEPHONE)


def _following(want: Want, number: str, ranges: Ranges) -> str:
    """The extension that follows from a number a user has or surely gets; empty where none does."""
    if not number or not want.extensions:
        return ""
    digits, place = want.extensions.digits, ranges.of(number)
    if number == want.line and len(want.line_extension) == digits:
        return want.line_extension
    if place and place.digits(digits) != digits:
        return ""
    return place.extension(number, digits) if place else last_digits(number, digits)


def _with_extension(want: Want, own: Given, extension: str, claims: Mapping[tuple[str, str], int], ranges: Ranges) -> Given:
    if not want.wants_extension:
        return own
    problem = _no_extension(want, own.number or want.line, extension, ranges)
    if not problem and want.extensions and claims[want.extensions.plan, extension] > 1:
        problem = f"extension {extension} in UM dial plan {want.extensions.plan} would be that of others of this plan too"
    return Given(own.number, own.source, "" if problem else extension, own.line_problem, problem)


def _no_extension(want: Want, number: str, extension: str, ranges: Ranges) -> str:
    """Why an extension cannot be given; empty where it can."""
    if not want.extensions:
        return want.no_plan
    plan, digits = want.extensions.plan, want.extensions.digits
    if not number:
        return f"without a line there is no number that an extension in UM dial plan {plan} follows from: say the extension"
    place = ranges.of(number)
    if not extension and place and place.digits(digits) != digits:
        return f"the range from {place.start} has extensions of {place.digits(digits)} digits, UM dial plan {plan} of {digits}"
    if not extension:
        return f"{number} has too few digits for an extension of {digits} in UM dial plan {plan}"
    if others := want.extensions.others(extension, want.guid):
        return f"extension {extension} is taken in UM dial plan {plan} by {others}: say another one"
    return ""


@dataclass
class _Given:
    """What was given out so far, and how far each range was searched."""

    numbers: set[str]
    extensions: set[tuple[str, str]]
    searched: dict[tuple[str, str, str], int] = field(default_factory=dict)


def _free(want: Want, numbers: Numbers, given: _Given) -> Given:
    """The first free number of the user's ranges; where an extension is wanted too, the first whose extension is free as well."""
    both = want.wants_extension and want.extensions is not None
    found = _first_free(want, numbers, given, with_extension=True) if both else None
    found = found or _first_free(want, numbers, given, with_extension=False)
    if not found:
        problem = want.no_range or f"no number of {_told(want)} is free: give it another range, or release a number"
        return _with_extension(want, Given(line_problem=problem), "", Counter(), Ranges())
    place, number = found
    told = Ranges((place,))
    extension = _following(want, number, told)
    whole = _with_extension(want, Given(number, Source.RANGE), extension, Counter(), told)
    if whole.extension and want.extensions and (want.extensions.plan, extension) in given.extensions:
        whole = Given(number, Source.RANGE, extension_problem=_exhausted(want))
    if whole.extension:
        given.extensions.add((_plan(want), extension))
    given.numbers.add(number)
    return whole


def _first_free(want: Want, numbers: Numbers, given: _Given, *, with_extension: bool) -> tuple[NumberRange, str] | None:
    for place in want.ranges:
        extensions = want.extensions if with_extension else None
        if extensions and place.digits(extensions.digits) != extensions.digits:
            continue
        key = (place.start, want.site, extensions.plan if extensions else "")
        for offset in range(given.searched.get(key, 0), len(place)):
            number = f"+{int(place.start) + offset}"
            if number in given.numbers or numbers.taken(number, want.site):
                continue
            if extensions and not _extension_free(extensions, place.extension(number, extensions.digits), given):
                continue
            given.searched[key] = offset
            return place, number
        given.searched[key] = len(place)
    return None


def _extension_free(extensions: Extensions, extension: str, given: _Given) -> bool:
    free = not extensions.held.get(extension) and (extensions.plan, extension) not in given.extensions
    return bool(extension) and free


def _exhausted(want: Want) -> str:
    return f"no number of {_told(want)} is free whose extension in UM dial plan {_plan(want)} is free too: say the extension"


def _told(want: Want) -> str:
    return f"the ranges of site {want.site}" if want.site else "the ranges"


def _plan(want: Want) -> str:
    return want.extensions.plan if want.extensions else ""


def _endings(number: str) -> list[str]:
    bare = number.removeprefix("+")
    return [bare[-count:] for count in range(SHORTEST, len(bare) + 1)]


def _within(number: str, spans: Iterable[tuple[str, str]]) -> bool:
    return any(len(start) == len(number) and start <= number <= end for start, end in spans)
