"""What became of approved steps, for every state that a newer snapshot can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pandas import DataFrame

from adinspect import assess, bulk, definitions, plan, proposals, readings, step, testing, verify
from adinspect.errors import ConfigurationError
from adinspect.finding import Target
from adinspect.proposals import proposes
from adinspect.readings import reads
from adinspect.step import NULL, UNKNOWN
from adinspect.testing import EVERYONE, TODAY, table
from adinspect.verify import Outcome
from adinspect.view import View
from adinspect.visibility import State, nothing_hidden, rows

TOML = """
    title = "Sample"
    description = "A sample."
    cmdlet = "Set-Sample"
    reads = "Get-Sample"
    key = "Identity"
    delay = 0
    what_if = true
    confirm = true
    domain_controller = true
    source = "nowhere"
    {more}
    [order]
    um-lync = {order}
    [columns.Identity]
    type = "text"
    pattern = ".*"
    says = "The object."
    {columns}
    [rollback]
    cmdlet = "Set-Sample"
    [rollback.columns]
    Identity = {{ from = "Identity" }}
"""
COLUMN = '[columns.{name}]\ntype = "{kind}"\nproperty = "{property}"\nsays = "It."\noptional = true\n{more}\n'
PATTERN = 'pattern = ".*"'
SET = "".join(
    [
        COLUMN.format(name="Office", kind="text", property="Office", more=PATTERN + "\nnullable = true"),
        COLUMN.format(name="Voice", kind="bool", property="Voice", more="false_is_blank = true\nnullable = true"),
        COLUMN.format(name="Items", kind="list", property="Items", more=PATTERN),
        COLUMN.format(name="ItemsAdd", kind="add", property="Items", more=PATTERN),
        COLUMN.format(name="ItemsRemove", kind="remove", property="Items", more=PATTERN).replace('property = "Items"\n', ""),
        '[columns.Note]\ntype = "text"\npattern = ".*"\nsays = "Shown by nothing."\noptional = true\n',
    ]
)
FILES = {
    "10_taken": ("found_after = false", ""),
    "11_made": ("found_before = false", SET),
    "12_set": ("", SET),
    "13_set_again": ("", SET),
}
ADA, BO, GONE = (f"{name:0<8}-0000-4000-8000-000000000000" for name in ("ada", "b0", "90e"))
USERS = table(f"identity | guid | office | department | city\nada | {ADA} | Paris | a;B | -\nbo | {BO} | - | - | yes")


@reads("Get-Sample")
def get_sample(users: Annotated[DataFrame, "office", "department", "city"]) -> DataFrame:
    """Whoever has an office: the office (`?` is not known), items, and whether a city stands for voice."""
    found = users[users["office"].notna()].reset_index(drop=True)
    items = [tuple(told.split(";")) if isinstance(told, str) else () for told in found["department"]]
    return found[["guid"]].assign(
        Office=found["office"].replace({"?": UNKNOWN}), Items=items, Voice=[told == "yes" or None for told in found["city"]]
    )


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        name: bulk.load(definitions.parse(TOML.format(more=more, columns=columns, order=place), f"{name}.toml"))
        for place, (name, (more, columns)) in enumerate(FILES.items(), start=1)
    }

    def propose(users: Annotated[DataFrame, "office"]) -> DataFrame:
        return users

    monkeypatch.setattr(bulk, "shipped", lambda: made)
    monkeypatch.setattr(readings, "shipped", lambda: {"Get-Sample": get_sample})
    monkeypatch.setattr(proposals, "shipped", lambda: {name: proposes(name)(propose) for name in made})


def row(file: str, guid: str, **cells: Any) -> dict[str, Any]:
    """A row of a CSV: its cells, what was there before as `was_<Column>`, the rest blank."""
    definition = bulk.shipped()[file]
    told = dict.fromkeys((*definition.header, *plan.BESIDE))
    told |= {step.GUID: guid, step.KEY: "", step.STEP: step.name(file, guid), step.OBJECT: guid, step.WAVE: "W2", step.DN: "CN=x"}
    before = {step.PREVIOUS + name.removeprefix("was_"): cell for name, cell in cells.items() if name.startswith("was_")}
    return {**told, "Identity": guid, **before, **{name: cell for name, cell in cells.items() if not name.startswith("was_")}}


def seen(users: DataFrame = USERS, visibility: DataFrame | None = None) -> View:
    unseen = nothing_hidden() if visibility is None else visibility
    return assess.view_of(testing.tables(users=users), unseen, target=Target.UM_LYNC, today=TODAY, profile=EVERYONE)


def verified(view: View, **files: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    every = {
        name: DataFrame(files.get(f"f{name[:2]}", []), columns=[*bulk.shipped()[name].header, *plan.BESIDE]) for name in FILES
    }
    made = plan.Plan(Target.UM_LYNC, TODAY, DataFrame(columns=list(step.STEP_COLUMNS)), every, DataFrame())
    found = verify.steps(made, view)
    assert list(found.columns) == list(verify.COLUMNS)
    return list(found[["outcome", "told"]].itertuples(index=False, name=None))


def cases() -> Iterator[Any]:
    """What a row of 12_set sets on Ada, who has office Paris and items a and B: the outcome, and a part of what is told."""
    landed, missing, changed, unseen = Outcome.LANDED, Outcome.MISSING, Outcome.CHANGED, Outcome.UNSEEN
    paris = "Office: Lyon is wanted, Paris is there"
    yield pytest.param({"Office": "Paris", "was_Office": "Lyon"}, landed, "", id="it is there")
    yield pytest.param({"Office": "PARIS", "was_Office": "Lyon"}, landed, "", id="in another case")
    yield pytest.param({"Office": "Paris", "was_Office": "Paris"}, landed, "", id="it was there already")
    yield pytest.param({"Office": "Lyon", "was_Office": "Paris"}, missing, paris, id="what was there is there still")
    yield pytest.param({"Office": "Lyon", "was_Office": "Nice"}, changed, paris, id="something else is there")
    yield pytest.param({"Office": "Lyon"}, changed, paris, id="nothing was there, something else is")
    yield pytest.param({"Office": NULL, "was_Office": "Paris"}, missing, "Office: (none) is wanted", id="not emptied")
    yield pytest.param({"Office": NULL, "was_Office": "Lyon"}, changed, "Office: (none) is wanted", id="filled again")
    yield pytest.param({"Voice": True}, missing, "Voice: True is wanted, (none) is there", id="not switched on")
    yield pytest.param({"Voice": False, "was_Voice": True}, landed, "", id="never set is off")
    yield pytest.param({"Items": ("b", "A")}, landed, "", id="a list in another order and case")
    yield pytest.param(
        {"Items": ("a",), "was_Items": ("a", "b")}, missing, "Items: a is wanted, a|B is there", id="a list is not set"
    )
    yield pytest.param({"Items": ("a",), "was_Items": ()}, changed, "a|B is there", id="a list is another one")
    yield pytest.param({"ItemsAdd": ("b",)}, landed, "", id="added, whatever else there is")
    yield pytest.param({"ItemsAdd": ("b", "c")}, missing, "Items: c was not added", id="one of two was not added")
    yield pytest.param({"ItemsRemove": ("c",)}, landed, "", id="removed")
    yield pytest.param({"ItemsRemove": ("b", "c")}, missing, "Items: b was not removed", id="one of two was not removed")
    yield pytest.param({"ItemsAdd": ("b",), "ItemsRemove": ("a",)}, missing, "Items: a was not removed", id="added, not removed")
    yield pytest.param({"Office": "Paris", "Voice": True}, missing, "Voice", id="half of it")
    yield pytest.param({"Office": "Lyon", "was_Office": "x", "Voice": True}, changed, "Office", id="the worst of all is told")
    yield pytest.param({"Note": "x"}, unseen, "Get-Sample shows nothing of what it sets", id="nothing shows it")
    yield pytest.param({"Note": "x", "Office": "Paris"}, landed, "", id="what nothing shows says nothing")


@pytest.mark.parametrize(("cells", "outcome", "told"), list(cases()))
def test_a_step_is_held_against_what_there_is_now(cells: dict[str, Any], outcome: Outcome, told: str) -> None:
    ((found, said),) = verified(seen(), f12=[row("12_set", ADA, **cells)])
    assert found == outcome
    assert told in said
    assert bool(said) is (outcome is not Outcome.LANDED)


def test_what_was_emptied_is_empty() -> None:
    nowhere = table(f"identity | guid | office | department\nada | {ADA} | Paris | -")
    assert verified(seen(nowhere), f12=[row("12_set", ADA, Items=(), was_Items=("a",))]) == [("landed", "")]
    assert verified(seen(nowhere), f12=[row("12_set", ADA, Voice=NULL, was_Voice=True)]) == [("landed", "")]


@pytest.mark.parametrize(
    ("file", "guid", "outcome", "told"),
    [
        ("f10", ADA, Outcome.MISSING, "Get-Sample still finds it"),
        ("f10", BO, Outcome.LANDED, ""),
        ("f10", GONE, Outcome.LANDED, ""),
        ("f11", ADA, Outcome.LANDED, ""),
        ("f11", BO, Outcome.MISSING, "Get-Sample does not find it"),
        ("f11", GONE, Outcome.GONE, ""),
        ("f12", BO, Outcome.CHANGED, "Get-Sample does not find it any more"),
        ("f12", GONE, Outcome.GONE, ""),
    ],
)
def test_what_is_made_must_be_found_and_what_is_taken_away_must_not(file: str, guid: str, outcome: Outcome, told: str) -> None:
    names = {f"f{name[:2]}": name for name in FILES}
    cells = {"Office": "Paris"} if file != "f10" else {}
    assert verified(seen(), **{file: [row(names[file], guid, **cells)]}) == [(outcome, told)]


def test_what_was_made_otherwise_is_something_else() -> None:
    ((outcome, told),) = verified(seen(), f11=[row("11_made", ADA, Office="Lyon")])
    assert (outcome, told) == (Outcome.CHANGED, "Office: Lyon is wanted, Paris is there")


@pytest.mark.parametrize("file", ["f10", "f11", "f12"])
@pytest.mark.parametrize(
    ("hidden", "guid", "why"),
    [
        pytest.param(("users", "office", ADA), ADA, "was not seen", id="a value"),
        pytest.param(("users", "office", None), ADA, "may not be read", id="a column"),
        pytest.param(("users", "", None), GONE, "may not be read", id="rows"),
    ],
)
def test_what_was_not_seen_has_neither_landed_nor_not(
    file: str, hidden: tuple[str, str, str | None], guid: str, why: str
) -> None:
    unseen = rows((*hidden, State.UNREADABLE, "may not be read"))
    names = {f"f{name[:2]}": name for name in FILES}
    cells = {"Office": "Paris"} if file != "f10" else {}
    ((outcome, told),) = verified(seen(USERS, unseen), **{file: [row(names[file], guid, **cells)]})
    assert outcome == Outcome.UNSEEN
    assert why in told


def test_a_property_that_is_not_known_cannot_be_seen() -> None:
    unknown = USERS.assign(office="?")
    assert verified(seen(unknown), f12=[row("12_set", ADA, Office="Lyon", was_Office="Paris")]) == [
        (Outcome.UNSEEN, "Office was not seen")
    ]


def test_what_a_later_step_put_in_its_place_need_not_be_there() -> None:
    taken, made = row("10_taken", ADA), row("11_made", ADA, Office="Paris")
    first, again = (
        row("12_set", ADA, Office="Lyon", was_Office="Nice"),
        row("13_set_again", ADA, Office="Paris", was_Office="Nice"),
    )
    assert [one for one, _ in verified(seen(), f10=[taken], f11=[made], f12=[first], f13=[again])] == ["landed"] * 4


def test_a_later_step_that_did_not_land_excuses_no_earlier_one() -> None:
    first, again = (
        row("12_set", ADA, Office="Lyon", was_Office="Paris"),
        row("13_set_again", ADA, Office="Nice", was_Office="Paris"),
    )
    assert [one for one, _ in verified(seen(), f12=[first], f13=[again])] == ["not landed"] * 2
    taken, made = row("10_taken", BO), row("11_made", BO, Office="Paris")
    assert [one for one, _ in verified(seen(), f10=[taken], f11=[made])] == ["landed", "not landed"]


def test_a_later_step_on_somebody_else_excuses_nobody() -> None:
    users = table(f"identity | guid | office\nada | {ADA} | Paris\nbo | {BO} | Paris")
    first, again = row("12_set", ADA, Office="Lyon", was_Office="Paris"), row("13_set_again", BO, Office="Paris")
    assert [one for one, _ in verified(seen(users), f12=[first], f13=[again])] == ["not landed", "landed"]


@pytest.mark.parametrize(
    ("outcomes", "all_landed"),
    [([], True), (["landed"], True), *(([one.value, "landed"], False) for one in Outcome if one is not Outcome.LANDED)],
)
def test_all_landed_only_where_each_is_known_to_have(outcomes: list[str], all_landed: bool) -> None:
    assert verify.all_landed(DataFrame({"outcome": outcomes}, dtype="str")) is all_landed


@pytest.mark.parametrize(
    "cells", [{step.REASON: "not approved"}, {"Office": "#REVIEW"}, {step.GUID: "ada00000-0000-5000-8000-000000000000"}]
)
def test_what_nobody_ran_is_not_looked_at(cells: dict[str, Any]) -> None:
    assert verified(seen(), f12=[row("12_set", ADA, **{"Office": "Lyon", **cells})]) == []


def test_every_outcome_has_a_meaning() -> None:
    assert set(verify.MEANINGS) == set(Outcome)


PLANNED = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize("later", [0, 1])
def test_a_snapshot_of_the_same_forest_no_older_than_the_plan_will_do(later: int) -> None:
    verify.check("contoso.com", PLANNED, "Contoso.com", PLANNED + timedelta(seconds=later))


@pytest.mark.parametrize(
    ("forest", "earlier", "said"),
    [
        ("fabrikam.com", 0, "of the forest fabrikam.com, the plan of contoso.com"),
        ("contoso.com", 1, "before the one that the plan"),
    ],
)
def test_another_forest_and_an_older_snapshot_are_refused(forest: str, earlier: int, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        verify.check("contoso.com", PLANNED, forest, PLANNED - timedelta(seconds=earlier))
    assert refused.value.safe
    assert refused.value.next_step
