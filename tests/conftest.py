"""Fixtures of the whole suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, LabError, build, default_cache, running


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this suite."""
    parser.addoption("--long", action="store_true", help="Tests of the store in their long form: minutes instead of seconds.")


@pytest.fixture(scope="session")
def ready_forest() -> Path:
    """The folder of the lab's forest, made and stopped. It is only ever copied."""
    try:
        return build(default_cache())
    except LabError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def lab(ready_forest: Path) -> Iterator[Lab]:
    """The running lab, for tests that only read."""
    yield from _lab(ready_forest)


@pytest.fixture
def fresh_lab(ready_forest: Path) -> Iterator[Lab]:
    """A running lab of the test's own, to change or to stop."""
    yield from _lab(ready_forest)


def _lab(ready: Path) -> Iterator[Lab]:
    try:
        with running(ready) as lab:
            yield lab
    except LabError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
