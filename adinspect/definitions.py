"""Finds what the package defines (queries, reports, rules, derived tables), and reads TOML so that a mistake has its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

from adinspect.errors import ConfigurationError

T = TypeVar("T")

KeyPath = tuple[str | int, ...]
"""Names of tables and keys from the outside in, and places in arrays of tables."""


def folder(kind: str) -> Traversable:
    """The folder `queries` or `reports`: inside the package when installed, beside it in a checkout."""
    packaged = files("adinspect") / kind
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / kind


@dataclass(frozen=True)
class Kind:
    """What a key of a definition may hold, and what an error calls it."""

    called: str
    fits: Callable[[Any], bool]


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(type(one) is kind for one in value)


ANY_TEXT = Kind("a text", lambda value: isinstance(value, str))
TEXT = Kind("a text and not empty", lambda value: isinstance(value, str) and bool(value))
TEXTS = Kind("a list of texts", _list_of(str))
TEXT_OR_TEXTS = Kind("a text or a list of texts", lambda value: TEXT.fits(value) or TEXTS.fits(value))
NUMBER = Kind("a whole number", lambda value: type(value) is int)
NUMBERS = Kind("a list of whole numbers", _list_of(int))
DATE = Kind("a date", lambda value: type(value) is date)
TRUTH = Kind("true or false", lambda value: isinstance(value, bool))
VALUE = Kind("a text, a whole number, true or false", lambda value: isinstance(value, (str, int, bool)))
TABLE = Kind("a table", lambda value: isinstance(value, dict))
ENTRIES = Kind("a table and not empty", lambda value: isinstance(value, dict) and bool(value))
TABLES = Kind("a list of tables", lambda value: bool(value) and _list_of(dict)(value))


@dataclass(frozen=True)
class Toml:
    """A parsed TOML document that can say on which line a key stands."""

    name: str
    text: str
    content: Mapping[str, Any]

    def wrong(self, what: str, *keys: str | int) -> ConfigurationError:
        """An error about the key that this path of keys leads to."""
        return ConfigurationError(
            what, where=f"{self.name}, line {self.line(*keys)}", next_step="Correct the file and run again."
        )

    def check(
        self, content: object, required: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None, *path: str | int
    ) -> None:
        """Hold the table that stands at this path against the keys it must and may have, and what each holds.

        Raises:
            ConfigurationError: it is no table, a key is unknown or missing, or a value is of another kind; says the line.
        """
        if not isinstance(content, Mapping):
            raise self.wrong(f"{'.'.join(map(str, path))} is {TABLE.called}, not {content!r}", *path)
        known = {**required, **(optional or {})}
        for key, value in content.items():
            if key not in known:
                raise self.wrong(f"unknown key {key!r}: known are {', '.join(known)}", *path, key)
            if not known[key].fits(value):
                place = ".".join(map(str, (*path, key)))
                raise self.wrong(f"{place} is {known[key].called}, not {value!r}", *path, key)
        if missing := [key for key in required if key not in content]:
            raise self.wrong(f"the key {missing[0]!r} is missing", *path)

    def line(self, *keys: str | int) -> int:
        """The line of the deepest of these keys that the text shows; 1 when it shows none.

        After the name of an array of tables, its element is told by its place (from 0); without one, the first is meant.
        """
        found, depth = 1, 0
        for number, path in self._paths():
            if len(path) > depth and path == keys[: len(path)]:
                found, depth = number, len(path)
        return found

    def _paths(self) -> Iterator[tuple[int, KeyPath]]:
        """Each line that names a table or a key, with its path as it is written and with the places in arrays of tables."""
        table: KeyPath = ()
        placed: KeyPath = ()
        last: dict[KeyPath, int] = {}
        for number, line in enumerate(self.text.splitlines(), start=1):
            key: KeyPath = ()
            if header := re.match(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$", line):
                table = tuple(_parts(header[2]))
                placed = _placed(table, last, array=header[1] == "[[")
            elif named := re.match(r"\s*([^\s=#\[][^=#]*?)\s*=", line):
                key = tuple(_parts(named[1]))
            else:
                continue
            yield number, (*table, *key)
            yield number, (*placed, *key)


def _placed(names: KeyPath, last: dict[KeyPath, int], *, array: bool) -> KeyPath:
    """A table's path with the place of each array element in it; `last` holds the last place of every array so far."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if array and depth == len(names):
            last[path] = last.get(path, -1) + 1
        if path in last:
            path = (*path, last[path])
    return path


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"' ") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.\s]+', dotted)]


def parse(text: str, name: str) -> Toml:
    """Parse TOML text that a person calls `name`.

    Raises:
        ConfigurationError: the text is not TOML; says the line.
    """
    try:
        return Toml(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not valid TOML: {error}", where=name, next_step="Correct the file and run again.") from None


def read(path: Path) -> Toml:
    """Read a TOML file of the user.

    Raises:
        ConfigurationError: the file cannot be read, is not UTF-8 or not TOML.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise ConfigurationError(f"cannot read the file: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"not UTF-8 text (byte {error.start})", where=str(path), next_step="Save it as UTF-8.") from None


def shipped(kind: str) -> Iterator[Toml]:
    """Every definition of a kind (`queries`, `reports`, `reports/bulk`) that ships with the package, by name."""
    for item in sorted(folder(kind.partition("/")[0]).joinpath(*kind.split("/")[1:]).iterdir(), key=lambda item: item.name):
        if item.name.endswith(".toml"):
            yield parse(item.read_text(encoding="utf-8"), f"{kind}/{item.name}")


def packaged(name: str) -> Toml:
    """A single definition that ships inside the package, such as `products.toml`."""
    return parse(files("adinspect").joinpath(name).read_text(encoding="utf-8"), name)


def found(package: str, kind: type[T]) -> list[T]:
    """The objects of a kind that the modules of a package define, module by module, in the order they were written."""
    modules = (import_module(f"{package}.{module.name}") for module in iter_modules(import_module(package).__path__))
    return list(dict.fromkeys(value for module in modules for value in vars(module).values() if isinstance(value, kind)))
