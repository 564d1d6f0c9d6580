"""What tells server products apart, and how the file that says so is held to its form."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from adinspect import definitions, products
from adinspect.errors import ConfigurationError


def versions(*rows: tuple[int | None, int | None, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["version_major", "version_minor", "version_build"], dtype="Int64")


@pytest.mark.parametrize(
    ("version", "product"),
    [
        ((6, 5, 7638), None),
        ((8, 3, 83), "Exchange Server 2007"),
        ((14, 3, 123), "Exchange Server 2010"),
        ((15, 0, 1497), "Exchange Server 2013"),
        ((15, 1, 225), "Exchange Server 2016"),
        ((15, 1, None), "Exchange Server 2016"),
        ((15, 2, 196), "Exchange Server 2019"),
        ((15, 2, 2561), "Exchange Server 2019"),
        ((15, 2, 2562), "Exchange Server Subscription Edition"),
        ((15, 2, None), None),
        ((15, None, None), None),
        ((None, None, None), None),
    ],
)
def test_exchange_is_told_by_its_version_unless_that_leaves_two_products(
    version: tuple[int | None, int | None, int | None], product: str | None
) -> None:
    (told,) = products.exchange(versions(version))
    assert told == product if product else pd.isna(told)


def test_lync_is_told_by_its_number_up_to_the_one_that_all_later_products_announce() -> None:
    told = products.lync(pd.Series([3, 4, 5, 6, 7, None], dtype="Int64"))
    named = ["Office Communications Server 2007", "Office Communications Server 2007 R2", "Lync Server 2010"]
    assert list(told.dropna()) == named
    assert list(told.index[told.isna()]) == [3, 4, 5]


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ((15, 1, 543), False),
        ((15, 1, 544), True),
        ((15, 1, None), False),
        ((15, 2, 0), True),
        ((15, 2, None), True),
        ((15, 0, 9999), False),
        ((16, 0, 0), True),
        ((None, None, None), False),
    ],
)
def test_a_version_is_at_least_another_only_where_that_is_known(
    version: tuple[int | None, int | None, int | None], known: bool
) -> None:
    assert list(products.at_least(versions(version), (15, 1, 544))) == [known]


@pytest.mark.parametrize(
    ("version", "undecided"), [((15, 1, None), True), ((15, 1, 544), False), ((15, 2, None), False), ((None, None, None), False)]
)
def test_only_a_build_that_is_not_known_leaves_a_version_undecided(
    version: tuple[int | None, int | None, int | None], undecided: bool
) -> None:
    assert list(products.undecided(versions(version), (15, 1, 544))) == [undecided]


def test_every_fact_has_its_source_and_the_day_it_was_checked() -> None:
    content = definitions.packaged("products.toml").content
    for fact in (*content["product"], *content["cloud_voicemail"]):
        assert fact["source"]
        assert date(2026, 1, 1) < fact["checked"]


def test_no_product_gets_bought_updates_for_less_time_than_support() -> None:
    ends = [(one.supported_until, one.updates_until) for one in products.shipped() if one.updates_until]
    assert ends
    assert all(supported and supported < updates for supported, updates in ends)


HEAD = """
[[product]]
name = "A"
source = "S"
checked = 2026-11-24
[[cloud_voicemail]]
home = "teams"
source = "S"
checked = 2026-11-24
"""


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD.replace("checked = 2026-11-24\n[[cloud", "checked = 'today'\n[[cloud"), 5, "product.0.checked is a date"),
        (HEAD.replace('source = "S"', "", 1), 2, "the key 'source' is missing"),
        (HEAD.replace('name = "A"', 'name = "A"\nexchange = [15, 1]'), 4, "a version is major, minor and build"),
        (HEAD.replace('home = "teams"', 'home = "teams"\nsince = 1'), 8, "unknown key 'since'"),
        (HEAD.replace('home = "teams"', 'home = "teams"\nfrom = [15]'), 8, "a version is major, minor and build"),
    ],
)
def test_a_mistake_in_the_facts_is_named_with_its_line(text: str, line: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "packaged", lambda name: definitions.parse(text, name))
    with pytest.raises(ConfigurationError, match=said) as error:
        (products.shipped if line < 7 else products.cloud_voicemail).__wrapped__()
    assert error.value.where == f"products.toml, line {line}"
