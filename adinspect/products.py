"""Server products and what Microsoft supports: read from products.toml, where every fact has its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from pandas import DataFrame, Series

from adinspect import definitions
from adinspect.definitions import DATE, NUMBER, NUMBERS, TABLES, Toml
from adinspect.frames import TEXT

FILE = "products.toml"

Version = tuple[int, int, int]
"""Major, minor and build."""


@dataclass(frozen=True)
class Product:
    """A server product: the first Exchange `version` that is it or its Lync `number`, and the last days of support (None: open).

    `updates_until` is the last day of security updates that a customer may have bought beyond the support.
    """

    name: str
    version: Version | None
    number: int | None
    supported_until: date | None
    updates_until: date | None


@dataclass(frozen=True)
class CloudVoicemail:
    """For users homed on `home`: the first release of an on-premises mailbox server that Cloud Voicemail serves (None: none is).

    `called` is what people call that release, `assumed` says what the entry rests on where Microsoft does not name the home.
    """

    home: str
    first: Version | None
    called: str
    assumed: str


@cache
def shipped() -> tuple[Product, ...]:
    """The products, Exchange in the order of their versions.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    return _products(_file())


@cache
def cloud_voicemail() -> Mapping[str, CloudVoicemail]:
    """What Cloud Voicemail serves, by home.

    Raises:
        ConfigurationError: a wrong key or value; says the line.
    """
    return {one.home: one for one in _cloud_voicemail(_file())}


def exchange(versions: DataFrame) -> Series:
    """The product each Exchange version is (text; needs `version_major`, `version_minor`, `version_build`).

    Missing where the version is older than every product, or not known well enough to tell two products apart.
    """
    name = Series(None, versions.index, dtype=TEXT)
    for product in shipped():
        if product.version:
            name = name.mask(at_least(versions, product.version), product.name)
            name = name.mask(undecided(versions, product.version))
    return name.where(versions["version_minor"].notna())


def lync(numbers: Series) -> Series:
    """The product that each value of msRTCSIP-ServerVersion stands for (text); missing where it stands for none or several."""
    return numbers.map({product.number: product.name for product in shipped() if product.number is not None}).astype(TEXT)


def at_least(versions: DataFrame, first: Version) -> Series:
    """Whether each Exchange version is known to be this one or a later one (bool; needs the three version columns)."""
    major, minor, build = versions["version_major"], versions["version_minor"], versions["version_build"].fillna(0)
    later = (major > first[0]) | ((major == first[0]) & ((minor > first[1]) | ((minor == first[1]) & (build >= first[2]))))
    return later.fillna(False).astype(bool)


def undecided(versions: DataFrame, first: Version) -> Series:
    """Of the release that a product begins within, but of a build that is not known."""
    same = (versions["version_major"] == first[0]) & (versions["version_minor"] == first[1])
    return same.fillna(False).astype(bool) & versions["version_build"].isna() & (first[2] > 0)


def _file() -> Toml:
    toml = definitions.packaged(FILE)
    toml.check(toml.content, {"product": TABLES, "cloud_voicemail": TABLES})
    return toml


_SOURCED = {"source": definitions.TEXT, "checked": DATE}
_PRODUCT_KEYS = {"exchange": NUMBERS, "lync": NUMBER, "supported_until": DATE, "updates_until": DATE}
_CLOUD_KEYS = {"from": NUMBERS, "called": definitions.TEXT, "assumed": definitions.TEXT}


def _products(toml: Toml) -> tuple[Product, ...]:
    found = []
    for place, entry in enumerate(toml.content["product"]):
        toml.check(entry, {"name": definitions.TEXT, **_SOURCED}, _PRODUCT_KEYS, "product", place)
        version = _version(toml, entry.get("exchange"), "product", place, "exchange")
        ends = entry.get("supported_until"), entry.get("updates_until")
        found.append(Product(entry["name"], version, entry.get("lync"), *ends))
    return tuple(sorted(found, key=lambda product: product.version or (0, 0, 0)))


def _cloud_voicemail(toml: Toml) -> tuple[CloudVoicemail, ...]:
    found = []
    for place, entry in enumerate(toml.content["cloud_voicemail"]):
        toml.check(entry, {"home": definitions.TEXT, **_SOURCED}, _CLOUD_KEYS, "cloud_voicemail", place)
        first = _version(toml, entry.get("from"), "cloud_voicemail", place, "from")
        found.append(CloudVoicemail(entry["home"], first, entry.get("called", ""), entry.get("assumed", "")))
    return tuple(found)


def _version(toml: Toml, numbers: list[int] | None, *path: str | int) -> Version | None:
    if numbers is None:
        return None
    if len(numbers) != 3:
        raise toml.wrong("a version is major, minor and build", *path)
    return numbers[0], numbers[1], numbers[2]
