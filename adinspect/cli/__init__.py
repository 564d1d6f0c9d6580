"""The command line: one module a verb; each parses, calls one function and prints."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from adinspect import definitions
from adinspect.cli._options import printable
from adinspect.errors import AdinspectError

SETTINGS = "adinspect.toml"
"""Options that a folder keeps: a table for each command, such as [collect]; and what the scheduled job does (OF_THE_JOB)."""

OF_THE_JOB = frozenset({"job", "forest", "mail", "webhook"})
"""The tables that `adinspect run` reads, and checks."""

INTERRUPTED = 130


class Verbs(click.Group):
    """Finds each command in the module of its name, and imports that module only when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, which are the modules of this package."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a verb; None where there is no such verb."""
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{name}").command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "ADINSPECT"})
@click.version_option(package_name="adinspect", prog_name="adinspect", message="%(prog)s %(version)s")
@click.pass_context
def adinspect(ctx: click.Context) -> None:
    """Inspect the enterprise-voice state of an Active Directory forest, and prepare its change.

    It only ever reads the directory. Changes leave as files that a person reviews.

    \b
    adinspect demo DIR                    the whole job on a forest that ships with the package
    adinspect doctor ...                  what an account can see of a forest
    adinspect collect ... -o STORE        read a forest into a snapshot
    adinspect assess SNAPSHOT             what is wrong, for a target
    adinspect diff OLD NEW                what changed, and what became of findings
    adinspect report SNAPSHOT -o X.xlsx   a remediation workbook
    adinspect plan SNAPSHOT -o PLAN.xlsx  the workbook in which people decide
    adinspect generate PLAN.xlsx -o DIR   bulk enablement CSVs
    adinspect verify PLAN.xlsx SNAPSHOT   which approved steps landed
    adinspect run                         the scheduled job, from adinspect.toml

    Options can also stand in the environment (ADINSPECT_COLLECT_SERVER) and in adinspect.toml ([collect] server = ...).

    Exit codes: 0 clean, 1 unexpected error, 2 usage or configuration, 3 findings at or above --fail-on or a step that did not
    land, 4 cannot connect or sign in, 5 collection incomplete or partial snapshot refused, 6 another run holds the store,
    7 storage failed, 8 too many objects gone since the snapshot before, 9 input rejected, 130 interrupted.
    """
    ctx.default_map = _defaults(ctx)


def _defaults(ctx: click.Context) -> dict[str, Any]:
    """The options that adinspect.toml in the current folder keeps, held against the commands it names."""
    if not Path(SETTINGS).is_file():
        return {}
    toml = definitions.read(Path(SETTINGS))
    kept = {name: options for name, options in toml.content.items() if name not in OF_THE_JOB}
    for name, options in kept.items():
        command = adinspect.get_command(ctx, name)
        if command is None or not isinstance(options, dict):
            raise toml.wrong(f"{name!r} is no command: options stand in a table for each command, such as [collect]", name)
        known = {parameter.name for parameter in command.params}
        for option in options:
            if option.replace("-", "_") not in known:
                raise toml.wrong(f"the command {name} has no option {option!r}", name, option)
    return {name: {key.replace("-", "_"): value for key, value in options.items()} for name, options in kept.items()}


def main() -> NoReturn:
    """Run the command line; every error the user can mend ends in its exit code, told on stderr."""
    try:
        code = adinspect.main(standalone_mode=False)
    except AdinspectError as error:
        told = "\n".join(map(printable, f"Error: {error}".splitlines()))
        click.secho(told, err=True, fg="red")
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was published before is untouched; nothing was left half written.", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)
