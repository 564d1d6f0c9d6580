"""The site's wishes, from a TOML file: who should have voice, which forest holds what, and the settings of rules."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any

import phonenumbers

from adinspect import definitions, recipients, sites
from adinspect.definitions import NUMBERS, TABLE, TEXT, TEXTS, Toml
from adinspect.errors import InputError
from adinspect.sites import NumbersManaged, NumberType, Ranges, SipAddresses, Site

SERVICE_ACCOUNTS = r"^(svc|sa)[-_.]"
"""Names of accounts that belong to no person, by default."""


class Elsewhere(StrEnum):
    """Whether a product's objects live in the forest that was read."""

    THIS = "this"
    OTHER = "other"
    UNKNOWN = "unknown"


class SignIn(StrEnum):
    """What people will sign in to Microsoft 365 with: the user principal name, or the e-mail address (an alternate ID)."""

    UPN = "upn"
    MAIL = "mail"


MATCHED = {
    "upn": "upn",
    "userprincipalname": "upn",
    "sip": "sip_address",
    "sipaddress": "sip_address",
    "mail": "mail",
    "samaccountname": "sam_account_name",
}
"""Headers a CSV list of users may use (without regard to case), and the column of `users` each is matched with."""


@dataclass(frozen=True)
class Listed:
    """A list of users that somebody else keeps: lower-cased values of one column of `users`, SIP addresses without scheme."""

    column: str
    values: frozenset[str]


@dataclass(frozen=True)
class Population:
    """Who should have voice. `listed` narrows it to a CSV list, the others narrow or widen it as their name says.

    `base_dns` keeps users below one of these DNs, `exclude_dns` drops those below, `group` (a DN or sAMAccountName) keeps its
    nested members, `exclude_group` drops them, `exclude_listed` drops those of a CSV list, `present` keeps users with a value in
    that column of `users`. `service_accounts` is a regular expression that the sAMAccountName of accounts of no person matches
    (empty: there are none). `recipient_types` are the values of msExchRecipientTypeDetails that count as a person's mailbox.
    """

    base_dns: tuple[str, ...] = ()
    exclude_dns: tuple[str, ...] = ()
    group: str = ""
    exclude_group: str = ""
    present: str = ""
    listed: Listed | None = None
    exclude_listed: Listed | None = None
    service_accounts: str = SERVICE_ACCOUNTS
    recipient_types: tuple[int, ...] = recipients.PERSONAL

    @property
    def named(self) -> bool:
        """Whether the profile says who, rather than leaving it to the default."""
        return bool(self.base_dns or self.group or self.present or self.listed)


@dataclass(frozen=True)
class Profile:
    """What the site wants. `rules` maps a rule's code to its settings; `toml` is where mistakes are found again.

    `region` (two letters) is the country of telephone numbers written without country code; empty: such a number is not read.
    `numbers_managed` and `number_type` are those of the move to Teams; a range may be of another type. `decisions` maps the code
    of a rule that asks the whole organization to the answer, `gates` are codes of gates that are accepted unjudged.
    """

    lync_forest: Elsewhere = Elsewhere.UNKNOWN
    exchange_forest: Elsewhere = Elsewhere.UNKNOWN
    sign_in: SignIn = SignIn.UPN
    region: str = ""
    numbers_managed: NumbersManaged | None = None
    number_type: NumberType | None = None
    population: Population = field(default_factory=Population)
    sip: SipAddresses = field(default_factory=SipAddresses)
    ranges: Ranges = field(default_factory=Ranges)
    sites: tuple[Site, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    gates: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    toml: Toml = field(default_factory=lambda: Toml("no profile", "", {}))


def read(path: Path | None) -> Profile:
    """Read a profile; without a path, the defaults.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
        InputError: the CSV list that the population names cannot be read.
    """
    return load(definitions.read(path)) if path else Profile()


def load(toml: Toml) -> Profile:
    """Check a parsed profile key by key (see `read`)."""
    content = toml.content
    tables = dict.fromkeys(("population", "decisions", "gates", "rules"), TABLE)
    toml.check(content, {}, {**dict.fromkeys((*_WORDS, "region"), TEXT), **tables, **sites.KEYS})
    population, rules = _population(toml, content.get("population", {})), content.get("rules", {})
    if not all(isinstance(settings, Mapping) for settings in rules.values()):
        raise toml.wrong("settings of rules stand in a table for each rule, such as [rules.POL-002]", "rules")
    words = {key: sites.word(toml, _WORDS[key], content[key], key) for key in _WORDS if key in content}
    region = content.get("region", "")
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise toml.wrong(f'region is {region!r}: say a country by its two capital letters, such as "FR"', "region")
    shared, rules = _shared(toml, words, rules)
    return Profile(
        **{**words, **shared},
        region=region,
        population=population,
        decisions=_decisions(toml, content.get("decisions", {})),
        gates=_gates(toml, content.get("gates", {})),
        rules=rules,
        toml=toml,
        **vars(sites.read(toml)),
    )


_WORDS: Mapping[str, type[StrEnum]] = {
    "lync_forest": Elsewhere,
    "exchange_forest": Elsewhere,
    "sign_in": SignIn,
    "numbers_managed": NumbersManaged,
    "number_type": NumberType,
}
"""Top-level keys that hold one of a few words."""

_SETTING_OF = {"numbers_managed": "MIG-002", "number_type": "MIG-007"}
"""Top-level keys that are the setting of a rule as well: said in either place, they count in both."""


def _shared(toml: Toml, words: Mapping[str, Any], rules: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The values of these keys, wherever they are said, and the settings of rules with them."""
    said: dict[str, Any] = {}
    settings = dict(rules)
    for key, code in _SETTING_OF.items():
        of_rule = rules.get(code, {})
        if key in of_rule:
            said[key] = sites.word(toml, _WORDS[key], of_rule[key], "rules", code, key)
            if said[key] != words.get(key, said[key]):
                raise toml.wrong(f"{key} is {words[key]} at the top of the profile, and {said[key]} here", "rules", code, key)
        elif key in words:
            settings[code] = {**of_rule, key: words[key].value}
    return said, settings


def _decisions(toml: Toml, content: Mapping[str, Any]) -> Mapping[str, str]:
    toml.check(content, {}, dict.fromkeys(content, TEXT), "decisions")
    return content


def _gates(toml: Toml, content: Mapping[str, Any]) -> tuple[str, ...]:
    toml.check(content, {}, {"accepted": TEXTS}, "gates")
    return tuple(content.get("accepted", ()))


_POPULATION_KEYS = {
    **dict.fromkeys(("base_dns", "exclude_dns"), TEXTS),
    **dict.fromkeys(("group", "exclude_group", "present", "listed", "exclude_listed", "service_accounts"), TEXT),
    "recipient_types": NUMBERS,
}


def _population(toml: Toml, content: Any) -> Population:
    toml.check(content, {}, _POPULATION_KEYS, "population")
    try:
        re.compile(content.get("service_accounts", ""))
    except re.error as error:
        raise toml.wrong(
            f"population.service_accounts is no regular expression: {error}", "population", "service_accounts"
        ) from None
    if not set(content.get("recipient_types", ())).isdisjoint(recipients.IMPERSONAL):
        raise toml.wrong(
            "rooms, equipment, shared, arbitration and discovery mailboxes belong to nobody who could lack voice",
            "population",
            "recipient_types",
        )
    chosen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    for key in {"listed", "exclude_listed"} & chosen.keys():
        chosen[key] = read_list(Path(toml.name).parent / chosen[key])
    return Population(**chosen)


def read_list(path: Path) -> Listed:
    """Read a CSV list of users: one of the columns upn, sip, mail, sAMAccountName; others are not looked at.

    The separator is a comma, or a semicolon or tab where the header holds one.

    Raises:
        InputError: the file cannot be read, has none or several of these columns, or names nobody.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        header = text.partition("\n")[0]
        reader = csv.DictReader(StringIO(text, newline=""), delimiter=next((mark for mark in ";\t" if mark in header), ","))
        lines = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"the list of users cannot be read: {error}", where=str(path), next_step="Save it as a UTF-8 CSV file."
        ) from None
    headers = [header for header in reader.fieldnames or () if header]
    known = [header for header in headers if header.strip().lower() in MATCHED]
    if len(known) != 1:
        has = ", ".join(headers) or "none"
        raise InputError(
            f"the list of users needs exactly one of the columns upn, sip, mail, sAMAccountName; it has {has}",
            where=f"{path}, row 1",
            next_step="Keep one of these columns.",
        )
    values = {(line[known[0]] or "").strip().lower() for line in lines} - {""}
    if not values:
        raise InputError("the list of users names nobody", where=str(path), next_step=f"Fill the column {known[0]}.")
    return Listed(MATCHED[known[0].strip().lower()], frozenset(value.removeprefix("sip:") for value in values))
