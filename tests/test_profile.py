from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from adinspect import assess, definitions, profile, rules
from adinspect.errors import ConfigurationError, InputError
from adinspect.profile import Elsewhere, Listed, Population, Profile, SignIn
from adinspect.sites import NumberRange, NumbersManaged, NumberType, SipAddresses, Site


def loaded(text: str) -> Profile:
    return profile.load(definitions.parse(text, "voice.toml"))


def test_without_a_file_everything_is_the_default() -> None:
    assert profile.read(None) == Profile()
    assert not Profile().population.named


def test_a_profile_says_who_where_and_how() -> None:
    read = loaded(
        """
        lync_forest = "other"
        exchange_forest = "this"
        sign_in = "mail"
        region = "FR"
        [population]
        base_dns = ["OU=Staff,DC=contoso,DC=example"]
        recipient_types = [1, 2]
        service_accounts = "^robot"
        [rules.POL-002]
        shortest = 8
        """
    )
    assert (read.lync_forest, read.exchange_forest, read.sign_in) == (Elsewhere.OTHER, Elsewhere.THIS, SignIn.MAIL)
    assert (read.region, Profile().region) == ("FR", "")
    assert read.population == Population(
        base_dns=("OU=Staff,DC=contoso,DC=example",), recipient_types=(1, 2), service_accounts="^robot"
    )
    assert read.population.named
    assert read.rules == {"POL-002": {"shortest": 8}}


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ("[population]\nbase_dns = ['OU=Staff']", True),
        ("[population]\ngroup = 'Voice'", True),
        ("[population]\nexclude_dns = ['OU=X']", False),
    ],
)
def test_a_population_is_named_by_who_is_in_it_not_by_who_is_not(named: str, key: bool) -> None:
    assert loaded(named).population.named is key


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("lync_forest = 'there'", 1, "say one of this, other, unknown"),
        ("lync_forest = 1", 1, "lync_forest is a text"),
        ("sign_in = 'sip'", 1, "sign_in is 'sip': say one of upn, mail"),
        ("\nregion = 'fr'", 2, "region is 'fr': say a country by its two capital letters"),
        ("region = 'ZZ'", 1, "region is 'ZZ'"),
        ("region = 33", 1, "region is a text"),
        ("lync_forrest = 'this'", 1, "unknown key 'lync_forrest'"),
        ("\npopulation = 'Staff'", 2, "population is a table"),
        ("[population]\nou = 'Staff'", 2, "unknown key 'ou'"),
        ("[population]\ngroup = 1", 2, "population.group is a text and not empty, not 1"),
        ("[population]\nbase_dns = 'OU=Staff'", 2, "population.base_dns is a list of texts"),
        ("[population]\nbase_dns = [1]", 2, "population.base_dns is a list of texts"),
        ("[population]\nrecipient_types = ['1']", 2, "population.recipient_types is a list of whole numbers"),
        ("[population]\nrecipient_types = [true]", 2, "population.recipient_types is a list of whole numbers"),
        ("[population]\nrecipient_types = [1, 16]", 2, "rooms, equipment"),
        ("[population]\nrecipient_types = [8589934592]", 2, "rooms, equipment"),
        ("[population]\n\nservice_accounts = '('", 3, "no regular expression"),
        ("rules = 1", 1, "rules is a table, not 1"),
        ("[rules]\nPOL-002 = 8", 1, "settings of rules"),
        ("numbers_managed = 'sbc'", 1, "numbers_managed is 'sbc': say one of teams, directory"),
        ("number_type = 'SIP'", 1, "say one of DirectRouting, CallingPlan, OperatorConnect"),
        ("[rules.MIG-007]\nnumber_type = 'SIP'", 2, "say one of DirectRouting"),
        ("numbers_managed = 'teams'\n[rules.MIG-002]\nnumbers_managed = 'directory'", 3, "is teams at the top .* directory here"),
        ("[decisions]\nCNS-009 = 1", 2, "decisions.CNS-009 is a text and not empty"),
        ("[decisions]\nCNS-009 = ''", 2, "decisions.CNS-009 is a text and not empty"),
        ("[gates]\naccepted = 'TOP-004'", 2, "gates.accepted is a list of texts"),
        ("[gates]\nopen = []", 2, "unknown key 'open'"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        loaded(text)
    assert error.value.where == f"voice.toml, line {line}"


@pytest.mark.parametrize(
    ("text", "column", "values"),
    [
        ("upn\nAda@contoso.example\n\n", "upn", {"ada@contoso.example"}),
        (
            "\ufeffUserPrincipalName,Name\nada@contoso.example,Ada\nbo@contoso.example,Bo",
            "upn",
            {"ada@contoso.example", "bo@contoso.example"},
        ),
        ("Name;Sip Address;SipAddress\nByron, Ada;x;sip:Ada@contoso.example", "sip_address", {"ada@contoso.example"}),
        ("Name\tmail\nAda\tada@contoso.example", "mail", {"ada@contoso.example"}),
        ('Name,sAMAccountName\n"Ada\nByron", ada \nBo', "sam_account_name", {"ada"}),
    ],
)
def test_a_list_of_users_is_read_by_its_one_known_column(tmp_path: Path, text: str, column: str, values: set[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, encoding="utf-8")
    assert profile.read_list(file) == Listed(column, frozenset(values))


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "it has none"),
        (b"Name\nAda", "it has Name"),
        (b"upn,mail\na@contoso.example,a@contoso.example", "it has upn, mail"),
        (b"upn\n\n ", "names nobody"),
        (b"upn\n\xe4@contoso.example", "cannot be read"),
    ],
)
def test_a_list_of_users_that_tells_nothing_certain_is_refused(tmp_path: Path, octets: bytes, said: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(octets)
    with pytest.raises(InputError, match=said) as error:
        profile.read_list(file)
    assert str(file) in error.value.where


def test_what_is_a_wish_and_the_setting_of_a_rule_counts_in_both_places_wherever_it_is_said() -> None:
    at_the_top = loaded("numbers_managed = 'teams'\nnumber_type = 'DirectRouting'")
    of_rules = loaded("[rules]\nMIG-002.numbers_managed = 'teams'\nMIG-007.number_type = 'DirectRouting'")
    both = loaded("numbers_managed = 'teams'\nnumber_type = 'DirectRouting'\n[rules.MIG-002]\nnumbers_managed = 'teams'")
    for read in (at_the_top, of_rules, both):
        assert (read.numbers_managed, read.number_type) == (NumbersManaged.TEAMS, NumberType.DIRECT_ROUTING)
        assert read.rules == {"MIG-002": {"numbers_managed": "teams"}, "MIG-007": {"number_type": "DirectRouting"}}
        assess.check_settings(read, rules.shipped())
    assert (loaded("").numbers_managed, loaded("").number_type, loaded("").rules) == (None, None, {})


def test_answers_and_accepted_gates_are_kept_as_they_are_said() -> None:
    read = loaded("[decisions]\nCNS-009 = 'Sign-in names follow e-mail.'\n[gates]\naccepted = ['TOP-004']")
    assert (read.decisions, read.gates) == ({"CNS-009": "Sign-in names follow e-mail."}, ("TOP-004",))
    assert (loaded("").decisions, loaded("").gates) == ({}, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[decisions]\nCNS-001 = 'Fine.'", "no rule CNS-001 asks the whole organization: there are CNS-009, CNS-010"),
        ("[decisions]\nCNS-999 = 'Fine.'", "no rule CNS-999"),
        ("[gates]\naccepted = ['CNS-009']", "no rule CNS-009 is a gate: there are MIG-006"),
    ],
)
def test_an_answer_that_nobody_asked_for_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        assess.check_settings(loaded(text), rules.shipped())
    assert error.value.where == "voice.toml, line 2"


def test_the_documented_profile_is_one_that_loads(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "profile.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "voice-users.csv").write_text("upn\nada@contoso.com", encoding="utf-8")
    (tmp_path / "robots.csv").write_text("upn\nrobot@contoso.com", encoding="utf-8")
    (tmp_path / "voice.toml").write_text("\n".join(blocks), encoding="utf-8")
    read = profile.read(tmp_path / "voice.toml")
    assess.check_settings(read, rules.shipped())
    documented = {*read.toml.content, *read.toml.content["population"], *read.toml.content["sip"]}
    documented |= {key for name in ("site", "range") for one in read.toml.content[name] for key in one}
    wanted = {one.name for kind in (Profile, Population, SipAddresses, Site, NumberRange) for one in fields(kind)}
    aside = {"toml", "sites", "ranges"}
    assert wanted - aside <= documented


def test_a_list_is_found_beside_its_profile_and_its_absence_is_said(tmp_path: Path) -> None:
    file = tmp_path / "voice.toml"
    file.write_text('[population]\nlisted = "people.csv"', encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        profile.read(file)
    (tmp_path / "people.csv").write_text("upn\nada@contoso.example", encoding="utf-8")
    assert profile.read(file).population.listed == Listed("upn", frozenset({"ada@contoso.example"}))
