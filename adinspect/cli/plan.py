"""`adinspect plan`: a snapshot in, a profile to begin with out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adinspect.cli._options import judging, snapshot_argument
from adinspect.errors import ConfigurationError


@click.command(name="plan", short_help="Write a profile to begin with.")
@snapshot_argument
@judging
@click.option("--new-profile", is_flag=True, required=True, help="Write a commented profile, filled from the snapshot.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File that must not exist yet; default: standard output.")
def command(snapshot: Path, new_profile: bool, output: Path | None, **judged: Any) -> None:
    """Write a profile to begin with: what the snapshot says for certain, and as comments what it suggests.

    \b
    adinspect plan --new-profile SNAPSHOT -o profile.toml
    """
    from adinspect import new_profile as written
    from adinspect.cli._judged import judge

    _check_absent(output)
    text = written.text(judge(snapshot, **judged).view())
    if output is None:
        click.echo(text, nl=False)
        return
    from adinspect.atomic import replacing

    with replacing(output) as file:
        file.write(text.encode())
    click.echo(output)


def _check_absent(output: Path | None) -> None:
    if output and output.exists():
        raise ConfigurationError(
            "the file is there already, and may hold somebody's work",
            where=str(output),
            safe="Nothing was written.",
            next_step="Choose another name with -o.",
        )
