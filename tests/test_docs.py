from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from adinspect import definitions, rules
from adinspect.errors import ConfigurationError

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

STEPS = {
    "Overview": 11,
    "Certificates by topology": 4,
    "Configure Unified Messaging": 9,
    "Encryption for Lync Phone Edition": 3,
    "Configure Lync": 6,
}
"""How many steps or rows each numbered part of Microsoft's deployment page has."""


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """docs/make.py, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("make", DOCS / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # a dataclass looks for its module there
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["rules.md", "tables.md", "commands.md", "deployment-steps.md"])
def test_the_made_pages_are_fresh(make: ModuleType, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == make.pages()[name], "run: python docs/make.py"


def test_links_between_made_pages_lead_to_a_heading(make: ModuleType) -> None:
    pages = make.pages()
    titles = [(name, title) for name, text in pages.items() for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    links = set(re.findall(r"\]\((\w+\.md#[^)]+)\)", "".join(pages.values())))
    assert links
    assert links <= {f"{name}#{_anchor(title)}" for name, title in titles}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_every_rule_from_the_deployment_page_stands_beside_what_the_page_says(make: ModuleType) -> None:
    named = {code for one in make.statements(definitions.read(DOCS / "deployment-steps.toml")) for code in one.rules}
    cited = {code for code, rule in rules.shipped().items() if re.search(r"\bSEED\b", rule.source)}
    assert not cited - named, "name each in docs/deployment-steps.toml beside what it judges, and run: python docs/make.py"


def test_every_step_and_table_row_of_the_deployment_page_is_there(make: ModuleType) -> None:
    said = make.statements(definitions.read(DOCS / "deployment-steps.toml"))
    steps: dict[str, set[int]] = {}
    for one in said:
        steps.setdefault(one.part, set()).update(int(number) for number in re.findall(r"\d+", one.step))
    assert {part: numbers for part, numbers in steps.items() if numbers} == {
        part: {*range(1, n + 1)} for part, n in STEPS.items()
    }


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ('rules = ["DP-999"]', "there is no DP-999 for rules to name"),
        ('rules = ["DP-001"]\nside = ["cs_none"]', "there is no cs_none for side to name"),
        ('side = ["cs_pools"]', "no rule judges the statement"),
        ("rules = []", "no rule judges the statement"),
        ('not_judged = ""', "not_judged is a text and not empty"),
    ],
)
def test_a_statement_needs_a_judge_that_exists_or_a_reason(make: ModuleType, lines: str, wrong: str) -> None:
    judged = '[[statement]]\npart = "Overview"\nstep = "1"\nsays = "There is a pool."\n'
    assert make.statements(definitions.parse(f'{judged}not_judged = "Nobody can tell."', "steps.toml"))
    with pytest.raises(ConfigurationError, match=wrong):
        make.statements(definitions.parse(f"{judged}{lines}", "steps.toml"))


def test_a_side_input_that_no_rule_of_the_statement_reads_is_left_to_the_reader(make: ModuleType) -> None:
    one = make.Statement("Lync", "1", "Dial plans.", ("DP-015", "USR-013"), ("cs_dialplans", "cs_users", "cs_pools"))
    row = make.steps_page([one]).splitlines()[-1]
    assert row.split(" | ")[3] == ", ".join(
        [
            "[`cs_dialplans`](tables.md#cs_dialplans)",
            "[`cs_users`](tables.md#cs_users)",
            "[`cs_pools`](tables.md#cs_pools) by hand",
        ]
    )


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target


def test_the_changelog_speaks_of_the_version_in_hand() -> None:
    version = re.search(r"^version = (.+)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
