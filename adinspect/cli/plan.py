"""`adinspect plan`: a snapshot in, the workbook that people review out; or a profile to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, shrink_option, snapshot_argument
from adinspect.errors import ConfigurationError
from adinspect.remote import Place

if TYPE_CHECKING:
    from adinspect.plan import Plan
    from adinspect.workbook.carried import Carried
    from adinspect.workbook.reviewed import Reviewed


@click.command(name="plan", short_help="Write the workbook in which people decide what is changed.")
@snapshot_argument
@judging
@shrink_option
@click.option("--new-profile", is_flag=True, help="Write a commented profile, filled from the snapshot, instead of a plan.")
@click.option(
    "--update",
    "old",
    type=click.Path(path_type=Path),
    help="A reviewed workbook, of whose target the plan is: what people decided, wrote and added there is kept.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="PLAN.xlsx (or a new profile), which must not exist yet.")
def command(snapshot: Place, new_profile: bool, old: Path | None, output: Path | None, **judged: Any) -> None:
    """Write the workbook in which people decide what is changed: every step, what is there now, and what is proposed.

    Say approve, skip or edit in the column ACTION of each sheet; a step without an action is not run. `adinspect generate
    PLAN.xlsx` makes the bulk CSVs of what was approved, `adinspect verify` says what landed.

    With --update a reviewed workbook is made anew of a newer snapshot: decisions, changed cells, notes and columns that people
    added stand there again. Where the present or proposed values of a step have changed, its action is cleared, and what was
    decided stands in its notes.

    It stops when the snapshot lacks too many objects that the last complete one before it in the store held: they may have been
    deleted, or the account may just not see them any more.

    With --new-profile it writes a profile to begin with: what the snapshot says for certain, and as comments what it suggests.

    \b
    adinspect plan --new-profile SNAPSHOT -o profile.toml
    adinspect plan SNAPSHOT --target um-lync --profile profile.toml -o plan.xlsx
    adinspect plan --update plan.xlsx NEWER --profile profile.toml -o plan-2.xlsx
    """
    from adinspect.cli._judged import judge

    _check_absent(output)
    if new_profile:
        from adinspect import new_profile as written

        _write_text(written.text(judge(snapshot, **{**judged, "accept_shrink": True}).view()), output)
        return
    workbook = _workbook(output)
    _plan(snapshot, workbook, _left(old) if old else None, judged)
    click.echo(workbook)


def _plan(snapshot: Place, workbook: Path, left: Reviewed | None, judged: Mapping[str, Any]) -> None:
    """Write the workbook of a snapshot, with what people left in an earlier one."""
    from datetime import datetime

    from adinspect import plan, verify
    from adinspect.cli._judged import judge
    from adinspect.export import plan_workbook
    from adinspect.workbook import carried

    opened = judge(snapshot, whole=True, **(judged if left is None else {**judged, "target": left.facts.target}))
    forest = str(opened.snapshot.manifest["forest"])
    if left:
        verify.check(left.facts.forest, datetime.fromisoformat(left.facts.taken), forest, opened.snapshot.taken)
    made = plan.make(opened.view(), opened.target)
    over = carried.over(left, plan_workbook.records(made)) if left else None
    plan_workbook.write(made, opened.snapshot.path.name, forest, workbook, over.answers if over else None)
    say(made)
    if over:
        say_what_was_carried(over)


def _left(old: Path) -> Reviewed:
    """A reviewed workbook; its target is the plan's, unless another one was asked for."""
    from adinspect.workbook import reviewed

    left, ctx = reviewed.read(old), click.get_current_context()
    asked = ctx.params["target"]
    if ctx.get_parameter_source("target") is not click.core.ParameterSource.DEFAULT and asked != left.facts.target:
        raise ConfigurationError(
            f"the plan is for {left.facts.target}, not for {asked}",
            where=str(old),
            safe="Nothing was written.",
            next_step="Leave --target out, or make a new plan without --update.",
        )
    return left


def say_what_was_carried(over: Carried) -> None:
    """Tell on stderr what became of decisions on the steps of the workbook before."""
    click.echo(f"{over.kept:,} decisions kept.", err=True)
    for count, what in (
        (over.cleared, "decisions cleared, because the present or proposed values have changed: they stand in the notes"),
        (over.gone, "steps that somebody decided on or wrote about are not proposed any more"),
        (over.back, "steps whose row was deleted are there again"),
    ):
        if count:
            click.secho(f"{count:,} {what}.", err=True, fg="yellow")


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    from adinspect.atomic import replacing

    with replacing(output) as file:
        file.write(text.encode())
    click.echo(output)


def say(made: Plan) -> None:
    """Tell on stderr how many steps there are, how they stand, and which files wait for a gate."""
    from adinspect.step import Status

    counts = made.steps["status"].value_counts()
    told = ", ".join(f"{counts.get(one.value, 0):,} {one.value}" for one in Status)
    click.echo(f"{len(made.steps):,} step{'' if len(made.steps) == 1 else 's'}: {told}.", err=True)
    for gate in made.gates.itertuples():
        click.secho(f"{gate.file}.csv is not written while {gate.rule} stands: {gate.why}", err=True, fg="yellow")


def _check_absent(output: Path | None) -> None:
    if output and output.exists():
        raise ConfigurationError(
            "the file is there already, and may hold somebody's work",
            where=str(output),
            safe="Nothing was written.",
            next_step="Choose another name with -o.",
        )


def _workbook(output: Path | None) -> Path:
    if output is None or output.suffix.lower() != ".xlsx":
        raise ConfigurationError(
            "a plan is a workbook" if output else "where the plan is to be written was not said",
            where=str(output or ""),
            safe="Nothing was written.",
            next_step="Name it with -o, by a name that ends in .xlsx; or ask for --new-profile.",
        )
    return output
