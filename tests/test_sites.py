from __future__ import annotations

from datetime import date

import pytest

from adinspect import definitions, profile
from adinspect.errors import ConfigurationError
from adinspect.profile import Profile
from adinspect.sites import AddressFrom, NumberRange, NumberType, Owner, Ranges, SipAddresses, Site


def loaded(text: str) -> Profile:
    return profile.load(definitions.parse(text, "voice.toml"))


def test_a_profile_says_which_sites_ranges_and_addresses_there_are() -> None:
    read = loaded(
        """
        [sip]
        address = "template"
        template = "{display_name}.{sam_account_name}@Contoso.com"
        domains = ["contoso.com", "Fabrikam.com"]
        [[range]]
        start = "+33199001000"
        end = "+33199001099"
        owner = "lync"
        first_extension = "5000"
        number_type = "CallingPlan"
        port_date = 2027-01-31
        site = "Paris"
        [[range]]
        start = "+14255550100"
        end = "+14255550199"
        owner = "pbx"
        extension_digits = 4
        [[site]]
        name = "Paris"
        ous = ["OU=Paris,DC=contoso,DC=example"]
        groups = ["Paris voice"]
        offices = ["Paris 8"]
        prefixes = ["+33199"]
        home_pool = "pool1.contoso.com"
        um_dial_plan = "Paris"
        location = "9f2c"
        """
    )
    assert read.sip == SipAddresses(
        AddressFrom.TEMPLATE, "{display_name}.{sam_account_name}@Contoso.com", ("contoso.com", "fabrikam.com")
    )
    assert read.ranges.given == (
        NumberRange(
            "+33199001000",
            "+33199001099",
            Owner.LYNC,
            first_extension="5000",
            number_type=NumberType.CALLING_PLAN,
            port_date=date(2027, 1, 31),
            site="Paris",
        ),
        NumberRange("+14255550100", "+14255550199", Owner.PBX, extension_digits=4),
    )
    assert read.sites == (
        Site(
            "Paris",
            ous=("OU=Paris,DC=contoso,DC=example",),
            groups=("Paris voice",),
            offices=("Paris 8",),
            prefixes=("+33199",),
            home_pool="pool1.contoso.com",
            um_dial_plan="Paris",
            location="9f2c",
        ),
    )


RANGE = "[[range]]\nstart = '{}'\nend = '{}'\nowner = 'lync'\n"
PARIS, AGAIN = RANGE.format("+33199001000", "+33199001099"), RANGE.format("+33199001099", "+33199001199")
SITE = "[[site]]\nname = 'Paris'\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("sip = 'upn'", 1, "sip is a table"),
        ("[sip]\naddress = 'sam'", 2, "address is 'sam': say one of upn, mail, template"),
        ("[sip]\naddress = 'template'", 2, "stand together"),
        ("[sip]\naddress = 'upn'\ntemplate = '{mail}@contoso.com'", 3, "stand together"),
        ("[sip]\ntemplate = '{mail}@contoso.com'", 2, "stand together"),
        ("[sip]\naddress = 'template'\ntemplate = '{first}@contoso.com'", 3, "no column 'first'"),
        ("[sip]\naddress = 'template'\ntemplate = 'ada@contoso.com'", 3, "name columns of users in braces"),
        ("[sip]\naddress = 'template'\ntemplate = '{mail@contoso.com'", 3, "name columns of users in braces"),
        ("[sip]\naddress = 'template'\ntemplate = '{mail.__class__}@contoso.com'", 3, "name columns of users in braces"),
        ("[sip]\naddress = 'template'\ntemplate = '{mail!r}@contoso.com'", 3, "name columns of users in braces"),
        ("[sip]\naddress = 'template'\ntemplate = '{name}@{name}.com'", 3, "gives no SIP address"),
        ("[sip]\naddress = 'template'\ntemplate = '{name}'", 3, "gives no SIP address"),
        ("[sip]\naddress = 'template'\ntemplate = '{name} x@contoso.com'", 3, "gives no SIP address"),
        ("[sip]\naddress = 'template'\ntemplate = '{name}@x@contoso.com'", 3, "gives no SIP address"),
        ("[sip]\naddress = 'template'\ntemplate = '{name}@contoso.com'\ndomains = ['b.example']", 3, "not among domains"),
        ("[sip]\ndomains = ['contoso']", 2, "'contoso' is no SIP domain"),
        ("[sip]\ndomains = ['a b.com']", 2, "'a b.com' is no SIP domain"),
        ("[[site]]\noffices = ['Paris']", 1, "the key 'name' is missing"),
        (SITE, 1, "does not say who is there"),
        (SITE + "ous = []", 1, "does not say who is there"),
        (SITE + "ous = 'OU=Paris'", 3, "site.0.ous is a list of texts"),
        (SITE + "offices = ['']", 3, "holds an empty text"),
        (SITE + "prefixes = ['0199']", 3, "'0199' is no beginning of an E.164 number"),
        (SITE + "offices = ['Paris']\npool = 'x'", 4, "unknown key 'pool'"),
        (SITE + "offices = ['A']\n" + SITE.replace("P", "p") + "offices = ['B']", 5, "two sites 'paris'"),
        ("[[range]]\nstart = '+33199001000'\nowner = 'lync'", 1, "the key 'end' is missing"),
        ("[[range]]\nstart = '+33199001000'\nend = '+33199001099'", 1, "the key 'owner' is missing"),
        (PARIS.replace("lync", "sbc"), 4, "owner is 'sbc': say one of lync, pbx, teams"),
        (RANGE.format("0199001000", "+33199001099"), 2, "start is '0199001000': say an E.164 number"),
        (RANGE.format("+33199001000", "+33 199001099"), 3, "end is '.33 199001099': say an E.164 number"),
        (RANGE.format("+33199001100", "+33199001099"), 3, "to a later number of as many digits"),
        (RANGE.format("+3319900100", "+33199001099"), 3, "to a later number of as many digits"),
        (RANGE.format("+33199001000", "+33199\u0660\u0660\u0661\u0660\u0669\u0669"), 3, "say an E.164 number"),
        (RANGE.format("+33190000000", "+33199999999"), 3, "a digit too many"),
        (PARIS + "site = 'London'", 5, "there is no site 'London'"),
        (PARIS + "number_type = 'SIP'", 5, "say one of DirectRouting"),
        (PARIS + "port_date = '2027-01-31'", 5, "range.0.port_date is a date"),
        (PARIS + "extension_digits = 4\nfirst_extension = '5000'", 6, "not both"),
        (PARIS + "extension_digits = 21", 5, "1 to 20 digits"),
        (PARIS + "extension_digits = 0", 5, "1 to 20 digits"),
        (PARIS + "extension_digits = 1", 5, "100 numbers cannot differ in their last 1 digits"),
        (PARIS + "first_extension = '5O00'", 5, "say an extension of 1 to 20 digits"),
        (PARIS + "first_extension = '950'", 5, "extension 1049, longer than 950"),
        (PARIS + AGAIN, 5, "from .33199001099 overlaps the one from .33199001000 to .33199001099"),
        (AGAIN + PARIS, 1, "from .33199001099 overlaps the one from .33199001000"),
        (PARIS + PARIS, 5, "overlaps"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        loaded(text)
    assert error.value.where == f"voice.toml, line {line}"


def test_ranges_that_touch_or_are_of_another_length_are_apart() -> None:
    apart = RANGE.format("+33199001100", "+33199001199") + RANGE.format("+331990010000", "+331990010999")
    assert len(loaded(PARIS + apart).ranges) == 3


@pytest.mark.parametrize(
    ("number", "start"),
    [
        ("+33199001000", "+33199001000"),
        ("+33199001099", "+33199001000"),
        ("+33199001100", "+33199001100"),
        ("+33199000999", None),
        ("+33199001200", None),
        ("+331990010000", None),
        ("+3319900105", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_number_lies_in_the_one_range_that_holds_it(number: object, start: str | None) -> None:
    ranges = Ranges(
        (NumberRange("+33199001100", "+33199001199", Owner.PBX), NumberRange("+33199001000", "+33199001099", Owner.LYNC))
    )
    found = ranges.of(number)
    assert (found.start if found else None) == start
    assert Ranges().of(number) is None


@pytest.mark.parametrize(
    ("told", "digits", "extension"),
    [
        ({}, 5, "01007"),
        ({"extension_digits": 3}, 3, "007"),
        ({"first_extension": "0050"}, 4, "0057"),
        ({"extension_digits": 20}, 20, ""),
    ],
)
def test_a_range_tells_the_extension_of_its_numbers(told: dict[str, int | str], digits: int, extension: str) -> None:
    one = NumberRange("+33199001000", "+33199001099", Owner.LYNC, **told)  # type: ignore[arg-type]  # a table of keywords
    assert (one.digits(5), one.extension("+33199001007", 5), len(one)) == (digits, extension, 100)
