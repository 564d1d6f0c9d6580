"""`adinspect plan`: a snapshot in, the workbook that people review out; or a profile to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import judging, snapshot_argument
from adinspect.errors import ConfigurationError

if TYPE_CHECKING:
    from adinspect.plan import Plan


@click.command(name="plan", short_help="Write the workbook in which people decide what is changed.")
@snapshot_argument
@judging
@click.option("--new-profile", is_flag=True, help="Write a commented profile, filled from the snapshot, instead of a plan.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="PLAN.xlsx (or a new profile), which must not exist yet.")
def command(snapshot: Path, new_profile: bool, output: Path | None, **judged: Any) -> None:
    """Write the workbook in which people decide what is changed: every step, what is there now, and what is proposed.

    Say approve, skip or edit in the column ACTION of each sheet; a step without an action is not run. `adinspect generate
    PLAN.xlsx` makes the bulk CSVs of what was approved, `adinspect verify` says what landed.

    With --new-profile it writes a profile to begin with: what the snapshot says for certain, and as comments what it suggests.

    \b
    adinspect plan --new-profile SNAPSHOT -o profile.toml
    adinspect plan SNAPSHOT --target um-lync --profile profile.toml -o plan.xlsx
    """
    from adinspect.cli._judged import judge

    _check_absent(output)
    if new_profile:
        from adinspect import new_profile as written

        _write_text(written.text(judge(snapshot, **judged).view()), output)
        return
    workbook = _workbook(output)
    opened = judge(snapshot, whole=True, **judged)
    from adinspect import plan
    from adinspect.export import plan_workbook

    made = plan.make(opened.view(), opened.target)
    plan_workbook.write(made, opened.snapshot.path.name, str(opened.snapshot.manifest["forest"]), workbook)
    say(made)
    click.echo(workbook)


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
