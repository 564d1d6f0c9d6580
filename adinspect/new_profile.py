"""Writes a profile to begin with: what a snapshot says for certain, and as comments what it only suggests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import phonenumbers
from pandas import DataFrame, Series

from adinspect import addresses, distinguished_name, rules, voice
from adinspect.finding import Wave
from adinspect.frames import TEXT
from adinspect.view import View

MOST = 50
"""So many sites, ranges and names of each kind are suggested, the largest first."""

FEWEST = 5
"""So many numbers of a thousand have to be in use before they suggest a range."""


def text(view: View) -> str:
    """A profile (TOML) for the forest of a view that has the table `findings`.

    A line that begins with `##` explains; one that begins with `#` is a guess, and holds once that sign is taken away. Whatever
    comes from the directory is quoted as TOML text.
    """
    users = view.tables["users"]
    people = users[users["expected"] | voice.in_estate(users)]
    sites = _sites(people)
    parts = (_head(view), _top(view, users), _population(people), _sip(view), _places(view, people, sites))
    lines = [*parts, _ranges(people, sites), _decisions(view.tables["findings"]), _gates(view.tables["findings"])]
    return "\n".join(line for part in lines for line in (*part, "")).rstrip("\n") + "\n"


def quoted(value: str) -> str:
    r"""A text as TOML: what is not printable is escaped, so that it neither ends a line nor drives a terminal.

    A surrogate, which TOML cannot hold, becomes U+FFFD.
    """
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _told(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, values)) + "]"


def _guess(key: str, value: str, why: str = "") -> str:
    return f"# {key} = {value}" + (f"   # {why}" if why else "")


def _head(view: View) -> Iterator[str]:
    forest = ", ".join(map(quoted, view.tables["forest"]["name"].dropna()))
    yield f"## A profile for the forest {forest}, as it was on {view.context['today']:%Y-%m-%d}. docs/profile.md explains it."
    yield "## A line that begins with one # is a guess or an example: correct it, then take the # away. Before, it says nothing."
    for table in ("users", "pools", "sip_domains", "dial_plans", "mailbox_policies"):
        if reason := view.unseen.tables.get(table):
            yield f"## Not all of {table} was seen: {quoted(reason)}"


def _top(view: View, users: DataFrame) -> Iterator[str]:
    for key, table in (("lync_forest", "pools"), ("exchange_forest", "organization")):
        here = not view.tables[table].empty
        yield f'{key} = "this"' if here else _guess(key, '"unknown"', f"no {table} in sight: this, other or unknown")
    yield _guess("sign_in", '"upn"', "or mail: what people sign in to Microsoft 365 with")
    region, why = _region(users)
    yield _guess("region", quoted(region or "FR"), why)
    yield _guess("numbers_managed", '"teams"', "or directory: where numbers are managed after a move to Teams")
    yield _guess("number_type", '"DirectRouting"', "or CallingPlan, OperatorConnect")


def _region(users: DataFrame) -> tuple[str, str]:
    """The country that most international numbers are of, and how many that is."""
    numbers = _numbers(users).drop_duplicates("number")["number"]
    codes = [phonenumbers.parse(number).country_code or 0 for number in numbers]
    regions = Series([phonenumbers.region_code_for_country_code(code) for code in codes], dtype=TEXT)
    counts = regions[regions.isin(list(phonenumbers.SUPPORTED_REGIONS))].value_counts()
    if counts.empty:
        return "", "no number with a country code was seen"
    return str(counts.index[0]), f"{counts.iloc[0]:,} of {len(numbers):,} international numbers are of its country code"


def _population(people: DataFrame) -> Iterator[str]:
    yield f"## Without more, every enabled person with a mailbox should have voice: {int(people['expected'].sum()):,} users."
    yield "[population]"
    yield _guess("base_dns", _told(_parents(people).value_counts().index[:MOST]), "where they are now")
    yield _guess("exclude_dns", "[]")
    yield _guess("service_accounts", '"^(svc|sa)[-_.]"')


def _sip(view: View) -> Iterator[str]:
    yield "[sip]"
    yield _guess("address", '"upn"', "upn, mail or template")
    domains = sorted(set(_names(view, "sip_domains", "domain")), key=str.casefold)
    good = [domain for domain in domains if addresses.matches(Series([f"sip:x@{domain}"]), addresses.SIP_ADDRESS).all()]
    yield f"domains = {_told(good)}" if good else _guess("domains", '["contoso.com"]', "no SIP domain was seen")
    if odd := [domain for domain in domains if domain not in good]:
        yield f"## These are no DNS names, and were left out: {_told(odd)}"


def _places(view: View, people: DataFrame, sites: Series) -> Iterator[str]:
    by_office = _by_office(people)
    yield f"## Sites are guessed from {'offices' if by_office else 'organizational units'}. What there is to choose from:"
    for table, column in (("pools", "fqdn"), ("dial_plans", "name"), ("mailbox_policies", "name")):
        yield f"##   {table.replace('_', ' ')}: {_told(sorted(_names(view, table, column))[:MOST])}"
    given = _given(view, people)
    counts = sites.value_counts(sort=False)
    largest = sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))
    for name, count in largest[:MOST]:
        there = sites == name
        yield from ("", "# [[site]]", _guess("name", quoted(str(name)), f"{count:,} users"))
        where = sorted(set((people["office"] if by_office else _parents(people))[there].dropna()))
        yield _guess("offices" if by_office else "ous", _told(where))
        for key, values in given.items():
            known = values[there].dropna().value_counts()
            if len(known):
                yield _guess(key, quoted(str(known.index[0])), f"of {known.iloc[0]:,} of them")
    if len(largest) > MOST:
        yield f"## and {len(largest) - MOST:,} more"


def _given(view: View, people: DataFrame) -> Mapping[str, Series]:
    """What people have now of what a site gives, as names."""
    tables = view.tables
    pools = tables["pool_services"].set_index("dn")["pool"].map(tables["pools"].set_index("dn")["fqdn"])
    here = people["pool_service"].where(voice.on_premises(people))
    plans, policies = (tables[name].set_index("dn")["name"] for name in ("dial_plans", "mailbox_policies"))
    return {"home_pool": here.map(pools), "um_dial_plan": people["um_dial_plan"].map(plans)} | (
        {} if policies.empty else {"um_mailbox_policy": people["um_mailbox_policy"].map(policies)}
    )


def _sites(people: DataFrame) -> Series:
    """The name of the site that each user seems to be at; missing where nothing tells."""
    if not _by_office(people):
        return _unique(_parents(people), lambda dn: " / ".join(map(distinguished_name.rdn_value, reversed(_units(dn)))) or dn)
    return _unique(people["office"].where(people["office"].str.strip() != ""), str.strip)


def _unique(places: Series, named: Callable[[str], str]) -> Series:
    """A name for each place; no two places have one name, whatever its case."""
    names: dict[str, str] = {}
    taken: dict[str, int] = {}
    for place in sorted(places.dropna().unique()):
        key = place.casefold().strip()
        if key not in names:
            name = named(place)
            count = taken[name.casefold()] = taken.get(name.casefold(), 0) + 1
            names[key] = name if count == 1 else f"{name} ({count})"
    found = [names[place.casefold().strip()] if isinstance(place, str) else None for place in places]
    return Series(found, places.index, dtype=TEXT)


def _units(dn: str) -> list[str]:
    return [part for part in distinguished_name.components(dn) if not part.lower().startswith("dc=")]


def _by_office(people: DataFrame) -> bool:
    return bool(people["office"].notna().sum() * 2 >= len(people))


def _parents(people: DataFrame) -> Series:
    return people["dn"].map(distinguished_name.parent).astype(TEXT)


def _numbers(users: DataFrame) -> DataFrame:
    """Every international number of users (E.164), whether it is a line (bool), on the index of the users."""
    lines = addresses.number(users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI)))["base"]
    shown = addresses.telephone(users["telephone_number"], "")["e164"].where(lines.isna())
    numbers = DataFrame({"number": lines.fillna(shown), "line": lines.notna()})
    # a number that no country has would stop the parser
    return numbers[numbers["number"].notna() & addresses.telephone(numbers["number"], "")["e164"].notna()]


def _ranges(people: DataFrame, sites: Series) -> Iterator[str]:
    yield "## Ranges are guessed from the thousands that numbers in use lie in: ask the carrier where each begins and ends."
    numbers = _numbers(people)
    numbers = numbers.assign(site=sites.reindex(numbers.index), block=numbers["number"].str.slice(stop=-3))
    blocks = [(str(block), held) for block, held in numbers.groupby("block") if len(held) >= FEWEST]
    blocks.sort(key=lambda one: (-len(one[1]), one[0]))
    for block, held in blocks[:MOST]:
        last = held["number"].str.slice(start=-3)
        yield from ("", "# [[range]]")
        yield _guess("start", quoted(f"{block}{last.min()[0]}00"), f"{held['number'].nunique():,} numbers in use")
        yield _guess("end", quoted(f"{block}{last.max()[0]}99"))
        lines = int(held["line"].sum())
        owner = "lync" if lines * 2 > len(held) else "pbx"
        yield _guess("owner", quoted(owner), f"{lines:,} of {len(held):,} are lines of Lync; lync, pbx or teams")
        known = held["site"].value_counts()
        if len(known) and known.iloc[0] * 10 >= len(held) * 9 and known.index[0] in _suggested(sites):
            yield _guess("site", quoted(str(known.index[0])))
    if len(blocks) > MOST:
        yield f"## and {len(blocks) - MOST:,} more"


def _suggested(sites: Series) -> list[str]:
    counts = sites.value_counts(sort=False)
    return [str(name) for name, _ in sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))[:MOST]]


def _decisions(findings: DataFrame) -> Iterator[str]:
    yield "## What the whole organization is asked. An answer is any text; once it is there, nobody waits for it any more."
    yield "[decisions]"
    yield from _asked(findings, Wave.ORGANIZATION, lambda code: f'# {code} = ""')


def _gates(findings: DataFrame) -> Iterator[str]:
    yield "## Nobody is moved while one of these has a finding or could not be judged, unless it is accepted by its code."
    yield "[gates]"
    yield _guess("accepted", "[]")
    yield from _asked(findings, Wave.GATE, lambda code: f"##   {code}")


def _asked(findings: DataFrame, wave: Wave, line: Callable[[str], str]) -> Iterator[str]:
    counts = findings.loc[findings["waived"].isna(), "rule"].value_counts()
    for code, rule in sorted(rules.shipped().items()):
        if rule.wave is wave:
            what = re.sub(r"\{[a-z_]+\}", "\N{HORIZONTAL ELLIPSIS}", rule.message)
            yield f"{line(code)}   # found {counts.get(code, 0):,} times: {what}"


def _names(view: View, table: str, column: str) -> list[str]:
    return list(view.tables[table][column].dropna())
