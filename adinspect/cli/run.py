"""`adinspect run`: the scheduled job, from adinspect.toml."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from adinspect.errors import ConfigurationError

SETTINGS = "adinspect.toml"
"""What the file is called unless another is named; it may keep options of other commands, too."""


@click.command(name="run", short_help="Do the scheduled job: read forests, judge them, report, and tell what is new.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=SETTINGS,
    show_default=True,
    help="What the job is to do (TOML); its relative paths are relative to the folder it stands in.",
)
@click.option("--init", is_flag=True, help="Write a commented file to begin with, and do nothing else.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), help="How the log is written, one line an event; default: text."
)
@click.option("--forest", multiple=True, metavar="NAME", help="Only this forest of the file; may be given several times.")
@click.option("--accept-shrink", is_flag=True, help="Go on though a forest lacks many objects that it had: they were deleted.")
@click.pass_context
def command(
    ctx: click.Context, config: Path, init: bool, log_format: str | None, forest: tuple[str, ...], accept_shrink: bool
) -> int:
    """Do the scheduled job: read each forest, judge it, report, tell people what is new, and prune the store.

    Nobody need be there: passwords come from files, each event is a line of the log on stderr, and run.json in the folder for
    reports says what came of it. A forest that fails stops no other; the exit code is that of the worst one. While another run
    holds the store, exit 6 at once.

    docs/run.md tells of the file, and has a systemd service and timer, a line for cron, and a task for Windows.

    \b
    adinspect run --init
    adinspect run
    adinspect run --config /etc/adinspect/adinspect.toml --log-format json
    """
    if init:
        write_template(config)
        click.echo(config)
        return 0
    if not config.exists():
        raise ConfigurationError("there is no such file", where=str(config), next_step="`adinspect run --init` writes one.")
    from adinspect import job, job_file
    from adinspect.cli import adinspect
    from adinspect.run_log import Log

    read = job_file.read(config, commands=adinspect.list_commands(ctx))
    chosen = job_file.chosen(read, forest)
    format = job_file.LogFormat(log_format) if log_format else read.log_format
    return int(job.run(read, chosen, Log(sys.stderr, format), accept_shrink=accept_shrink)["exit"])


def write_template(path: Path) -> None:
    """Write the commented file that ships with the package, where there is none yet.

    Raises:
        ConfigurationError: there is a file, or it cannot be written.
    """
    from importlib.resources import files

    try:
        with path.open("xb") as file:
            file.write(files("adinspect").joinpath("job.toml").read_bytes())
    except FileExistsError:
        raise ConfigurationError(
            "the file is there already, and may hold somebody's work",
            where=str(path),
            safe="Nothing was written.",
            next_step="Choose another name with --config.",
        ) from None
    except OSError as error:
        raise ConfigurationError(f"the file cannot be written: {error.strerror}", where=str(path)) from None
