from __future__ import annotations

import pandas as pd
import pytest
from pandas import Series

from adinspect import addresses
from adinspect.frames import TEXT


def text(*values: str | None) -> Series:
    return Series(values, index=range(10, 10 + len(values)), dtype=TEXT)


@pytest.mark.parametrize(
    ("line", "dialable", "international"),
    [
        ("tel:+14255550100", True, True),
        ("TEL:+14255550100", True, True),
        ("tel:+14255550100;ext=100", True, True),
        ("tel:+14255550100;EXT=100", True, True),
        ("tel:14255550100", True, False),
        ("tel:100", True, False),
        ("tel:+04255550100", True, False),
        ("tel:+123456789012345", True, True),
        ("tel:+1234567890123456", True, False),
        ("tel:+12", False, False),
        ("tel:10", False, False),
        ("tel:+1 425 555 0100", False, False),
        ("tel:+1-425-555-0100", False, False),
        ("tel:+33(0)199001234", False, False),
        ("tel:+14255550100;ext=", False, False),
        ("tel:+14255550100;ext=1;ext=2", False, False),
        ("tel:+14255550100\n", False, False),
        (" tel:+14255550100", False, False),
        ("tel:+\u0661\u0662\u0663\u0664\u0665", False, False),
        ("+14255550100", False, False),
        ("sip:+14255550100@contoso.com", False, False),
        (None, False, False),
    ],
)
def test_a_line_is_dialable_or_international(line: str | None, dialable: bool, international: bool) -> None:
    assert addresses.matches(text(line), addresses.TEL_URI).to_list() == [dialable]
    assert addresses.matches(text(line), addresses.E164_URI).to_list() == [international]


def test_a_pattern_matches_the_whole_value_and_keeps_the_index() -> None:
    found = addresses.matches(text("ab", "xab", "abx", None), "a|ab")
    assert found.to_list() == [True, False, False, False]
    assert found.dtype == bool
    assert found.index.to_list() == [10, 11, 12, 13]


def test_the_parts_of_a_value_are_there_only_where_the_whole_of_it_matches() -> None:
    values = Series(["a-1", "b", "a-1 ", None, "a-1\n"], index=[9, 7, 5, 3, 1], dtype=TEXT)
    found = addresses.parts(values, "(?P<name>[a-z])(?:-(?P<number>[0-9]))?")
    assert found["name"].dropna().to_dict() == {9: "a", 7: "b"}
    assert found["number"].dropna().to_dict() == {9: "1", 7: ""}
    assert set(found.dtypes) == {TEXT}


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("sip:ada@contoso.com", True),
        ("SIP:Ada.Byron@voice.contoso.com", True),
        ("sip:o'hara&co=1$,;?/~*()!@contoso.com", True),
        ("sip:ada@contoso", False),
        ("sip:ada@-contoso.com", False),
        ("sip:ada@contoso.com.", False),
        ("sip:ada byron@contoso.com", False),
        ("sip:ad\u00e4@contoso.com", False),
        ("sip:ada#1@contoso.com", False),
        ("\u017fip:ada@contoso.com", False),
        ("ada@contoso.com", False),
        ("sip:@contoso.com", False),
    ],
)
def test_a_sip_address_has_allowed_characters_and_a_dns_name(address: str, valid: bool) -> None:
    assert addresses.matches(text(address), addresses.SIP_ADDRESS).to_list() == [valid]


def test_sip_addresses_are_compared_without_scheme_and_case() -> None:
    compared = addresses.without_scheme(text("SIP:Ada@Contoso.com", "sip:ada@contoso.com", "ada@contoso.com", None))
    assert compared.iloc[:3].to_list() == ["ada@contoso.com"] * 3
    assert pd.isna(compared.iloc[3])


@pytest.mark.parametrize(
    ("proxy", "primary", "kind", "address", "context"),
    [
        ("EUM:ada@contoso.com;phone-context=HQ.contoso.com", True, "sip", "ada@contoso.com", "HQ.contoso.com"),
        ("eum:51234;phone-context=HQ.contoso.com", False, "extension", "51234", "HQ.contoso.com"),
        ("Eum:51234;Phone-Context=HQ.contoso.com", False, "extension", "51234", "HQ.contoso.com"),
        ("EUM:+14255550100;phone-context=HQ.contoso.com", True, "e164", "+14255550100", "HQ.contoso.com"),
        ("EUM:+ada@contoso.com;phone-context=HQ.contoso.com", True, "sip", "+ada@contoso.com", "HQ.contoso.com"),
        ("eum:Ada Byron;phone-context=HQ.contoso.com", False, "other", "Ada Byron", "HQ.contoso.com"),
    ],
)
def test_an_eum_address_has_parts(proxy: str, primary: bool, kind: str, address: str, context: str) -> None:
    parts = addresses.eum(text(proxy))
    assert parts.to_dict("records") == [{"primary": primary, "address": address, "context": context, "kind": kind}]
    assert parts.index.to_list() == [10]
    assert addresses.is_eum(text(proxy)).to_list() == [True]


@pytest.mark.parametrize(
    ("proxy", "scheme"),
    [
        ("EUM:51234", True),
        ("EUM:;phone-context=HQ.contoso.com", True),
        ("EUM:51234;phone-context=", True),
        ("EUM:51234;phone-context=a;phone-context=b", True),
        ("EUM:51234;phone-context=a;other=b", True),
        ("SMTP:ada@contoso.com", False),
        ("MEUM:51234;phone-context=a", False),
        (None, False),
    ],
)
def test_what_is_no_valid_eum_address_has_no_parts(proxy: str | None, scheme: bool) -> None:
    parts = addresses.eum(text(proxy))
    assert parts["primary"].to_list() == [False]
    assert parts[["address", "context", "kind"]].isna().all(axis=None)
    assert addresses.is_eum(text(proxy)).to_list() == [scheme]


@pytest.mark.parametrize(
    ("value", "base", "extension"),
    [
        ("tel:+14255550100", "+14255550100", ""),
        ("TEL:+14255550100;EXT=12", "+14255550100", "12"),
        ("+14255550100", "+14255550100", ""),
        ("14255550100", "14255550100", ""),
        ("5000", "5000", ""),
        ("tel:+1 425 555 0100", None, None),
        ("tel:+14255550100\n", None, None),
        ("sip:ada@contoso.com", None, None),
        ("tel:", None, None),
        (None, None, None),
    ],
)
def test_a_number_has_a_base_and_an_extension(value: str | None, base: str | None, extension: str | None) -> None:
    parts = addresses.number(text(value)).astype(object)
    assert parts.where(parts.notna(), None).to_dict("records") == [{"base": base, "extension": extension}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("tel:+1 (425) 555-0100;ext=12", "14255550100"),
        ("TEL:14255550100", "14255550100"),
        ("+1.425.555.0100", "14255550100"),
        ("sip:ada@contoso.com", None),
        ("", None),
        (None, None),
    ],
)
def test_digits_are_all_that_is_left_to_excuse_by(value: str | None, expected: str | None) -> None:
    found = addresses.digits(text(value)).iloc[0]
    assert (None if pd.isna(found) else found) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+1 425 555 0100", "+14255550100"),
        ("+1\u00a0(425)\u202f555-0100", "+14255550100"),
        ("+33 (0)1 99 00 12 34", "+33199001234"),
        ("0044 20 7946 0123", "+442079460123"),
        ("425 555 0100", None),
        ("+1 425 555 0100 x12", None),
        ("+0 425 555 0100", None),
        (None, None),
    ],
)
def test_a_written_number_is_international_only_when_it_says_so(value: str | None, expected: str | None) -> None:
    found = addresses.international(text(value)).iloc[0]
    assert (None if pd.isna(found) else found) == expected


def test_columns_without_a_value_keep_their_types() -> None:
    for empty in (text(), text(None, None)):
        assert addresses.number(empty).dtypes.to_list() == [TEXT, TEXT]
        assert addresses.eum(empty).dtypes.to_list() == [bool, TEXT, TEXT, TEXT]
        assert addresses.is_eum(empty).dtype == bool


@pytest.mark.parametrize(
    ("written", "region", "e164", "extension"),
    [
        ("+14255550100", "", "+14255550100", ""),
        ("tel:+14255550100;ext=12", "", "+14255550100", "12"),
        ("TEL:+14255550100;EXT=12", "FR", "+14255550100", "12"),
        ("+1 (425) 555-0100 x12", "", "+14255550100", "12"),
        ("+1 425.555.0100 Ext. 12", "", "+14255550100", "12"),
        ("(+33) 1 99 00 12 34", "", "+33199001234", ""),
        ("+33\u00a0(0)1\u202f99 00 12 34", "", "+33199001234", ""),
        ("+39 (0)6 1234 5678", "", "+390612345678", ""),
        ("01 99 00 12 34", "FR", "+33199001234", ""),
        ("0033 1 99 00 12 34", "FR", "+33199001234", ""),
        ("tel:0199001234", "FR", "+33199001234", ""),
        ("(425) 555-0100", "US", "+14255550100", ""),
        ("01 99 00 12 34", "", None, None),
        ("0033 1 99 00 12 34", "", None, None),
        ("01 99 00 12 34", "US", None, None),
        ("5000", "FR", None, None),
        ("234567", "DK", None, None),
        ("20123", "SH", None, None),
        ("+1425555010", "", None, None),
        ("+999199001234", "", None, None),
        ("0199001234 / 0199001235", "FR", None, None),
        ("+49 30 1234567/8", "DE", None, None),
        ("0199001234;0199001235", "FR", None, None),
        ("0199001234, Paris", "FR", None, None),
        ("1-800-FLOWERS", "US", None, None),
        ("\u0660\u0661\u0669\u0669\u0660\u0660\u0661\u0662\u0663\u0664", "FR", None, None),
        ("sip:+14255550100@contoso.com", "", None, None),
        ("+", "FR", None, None),
        ("", "FR", None, None),
        (None, "FR", None, None),
    ],
)
def test_a_telephone_number_is_read_only_where_its_country_is_certain(
    written: str | None, region: str, e164: str | None, extension: str | None
) -> None:
    found = addresses.telephone(text(written), region)
    assert found.index.tolist() == [10]
    told = found.astype(object).where(found.notna(), None).to_numpy().tolist()
    assert told == [[e164, extension]]
