"""What depends on how the package is installed; runs against the wheel and against an editable install."""

from __future__ import annotations

import configparser
import subprocess
import sys
from importlib.metadata import entry_points, metadata
from pathlib import Path

from adinspect import definitions, derived, products, query, rules, runner

ROOT = Path(__file__).parents[1]


def test_the_definitions_are_found() -> None:
    assert len(query.shipped()) > 20
    assert [toml.name for toml in definitions.shipped("reports")]
    assert [toml.name for toml in definitions.shipped("reports/bulk")]


def test_every_definition_of_the_checkout_is_in_the_package() -> None:
    for folder in ("queries", "queries/side", "reports", "reports/bulk"):
        written = {f"{folder}/{path.name}" for path in (ROOT / folder).glob("*.toml")}
        assert {toml.name for toml in definitions.shipped(folder)} == written


def test_the_runner_is_in_the_package_as_it_is_in_the_checkout() -> None:
    beside = {path.name for path in (ROOT / "reports/bulk").iterdir()}
    packaged = definitions.folder("reports").joinpath("bulk")
    assert {item.name for item in packaged.iterdir()} == beside
    assert packaged.joinpath(runner.NAME).read_bytes() == (ROOT / "reports/bulk" / runner.NAME).read_bytes()


def test_the_templates_are_in_the_package_as_they_are_in_the_checkout() -> None:
    packaged = definitions.folder("reports").joinpath("templates")
    beside = {path.name: path.read_bytes() for path in (ROOT / "reports/templates").iterdir()}
    assert {item.name: item.read_bytes() for item in packaged.iterdir()} == beside
    assert len(beside) > 4


def test_the_products_are_in_the_package() -> None:
    assert products.shipped()
    assert products.cloud_voicemail()


def test_rules_and_derived_tables_are_found() -> None:
    assert "USR-001" in rules.shipped()
    assert "numbers" in derived.shipped()


def test_the_list_of_packages_equals_the_folders() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(setup["options"]["packages"].split())
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "adinspect").rglob("__init__.py")}
    assert listed == folders | {"adinspect.queries", "adinspect.reports"}


def test_the_demo_forest_and_the_type_marker_are_in_the_package() -> None:
    package = definitions.folder("demo")
    assert package.joinpath("forest.ldif").is_file()
    assert package.joinpath("..", "py.typed").is_file()


def test_the_command_is_installed_and_starts_without_the_heavy_modules() -> None:
    (command,) = entry_points(group="console_scripts", name="adinspect")
    assert command.value == "adinspect.cli:main"
    shown = "from adinspect.cli import adinspect; adinspect(['--help'], standalone_mode=False)"
    code = f"import sys; {shown}; print([name for name in ('pandas', 'pyarrow', 'ldap3') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"


def test_the_metadata_names_the_licence() -> None:
    said = metadata("adinspect")
    assert "MIT" in {said["License"], said["License-Expression"]}
