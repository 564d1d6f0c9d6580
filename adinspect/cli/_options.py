"""Options that several commands share, and how rows are printed."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adinspect.cli._places import PLACE
from adinspect.errors import ConfigurationError, InputError
from adinspect.finding import Target
from adinspect.one_line import one_line

if TYPE_CHECKING:  # importing pandas takes half a second, and --help needs none of it
    from pandas import DataFrame

F = TypeVar("F", bound=Callable[..., Any])

snapshot_argument = click.argument("snapshot", type=PLACE)
format_option = click.option(
    "--format",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    show_default=True,
    help="How rows are printed.",
)
summary_option = click.option(
    "--format", type=click.Choice(["table", "json", "jsonl", "csv"]), help="How rows are printed; without it, a summary is."
)
shrink_option = click.option(
    "--accept-shrink", is_flag=True, help="Go on though the forest lacks many objects that it had: they were deleted."
)


def judging(command: F) -> F:
    """Options of every command that judges."""
    options = (
        click.option(
            "--target",
            type=click.Choice([target.value for target in Target]),
            default=Target.UM_LYNC.value,
            show_default=True,
            help="What the forest is measured against.",
        ),
        click.option(
            "--profile", type=click.Path(path_type=Path), help="The site's wishes (TOML): population, settings of rules."
        ),
        click.option("--waivers", type=click.Path(path_type=Path), help="Findings that were accepted (TOML), each until a day."),
        click.option("--accept-partial", is_flag=True, help="Work with a snapshot whose collection ended early."),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def connecting(command: F) -> F:
    """Options of every command that connects to a directory."""
    options = (
        click.option("--user", help="Who signs in: name@domain or DOMAIN\\name."),
        click.option(
            "--password-file",
            type=click.Path(path_type=Path),
            help="File whose first line is the password; - is standard input. Without it, you are asked.",
        ),
        click.option(
            "--ca",
            type=click.Path(path_type=Path),
            help="CA certificates (PEM) the server's certificate is checked with; default: the system's.",
        ),
        click.option(
            "--authentication",
            type=click.Choice(["auto", "negotiate", "simple"]),
            default="auto",
            show_default=True,
            help="auto: simple inside TLS, else Negotiate with sealing.",
        ),
        click.option("--start-tls", is_flag=True, help="Secure an ldap:// connection with StartTLS before signing in."),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def password(file: Path | None, user: str) -> str:
    """The password: the first line of a file or of standard input, or asked for at the terminal.

    Raises:
        ConfigurationError: no file is named and there is no terminal.
        InputError: the file cannot be read or is empty.
    """
    if file is None:
        if not sys.stdin.isatty():
            raise ConfigurationError(
                "there is no terminal to ask for the password on",
                next_step="Give --password-file FILE, or --password-file - to read it from standard input.",
            )
        answer: str = click.prompt(f"Password of {user}", hide_input=True, err=True)
        return answer
    try:
        line = (sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8-sig")).split("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise InputError("the password file cannot be read", where=str(file)) from None
    if not line:
        raise InputError("the password is empty", where=str(file))
    return line


def print_rows(rows: DataFrame, format: str) -> None:
    """Print rows to stdout as an aligned table, a JSON list, JSON lines or CSV."""
    if format == "csv":
        shown = rows.map(lambda value: printable(value) if isinstance(value, str) else value)
        click.echo(shown.to_csv(index=False), nl=False)
    elif format == "json":
        click.echo(harmless(rows.to_json(orient="records", date_format="iso", force_ascii=False, indent=1)))
    elif format == "jsonl":
        click.echo(harmless(rows.to_json(orient="records", date_format="iso", force_ascii=False, lines=True)), nl=False)
    else:
        _print_table(rows)


def _print_table(rows: DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows.columns:
        table.add_column(str(name), overflow="fold")
    for row in rows.astype(object).where(rows.notna(), None).itertuples(index=False):
        table.add_row(*(Text(printable(value)) for value in row))
    console = Console(soft_wrap=False)
    console.print(table)


def harmless(text: str) -> str:
    """JSON in which characters that could drive a terminal or turn its writing direction are escaped, as JSON allows."""
    return re.sub("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", lambda found: f"\\u{ord(found[0]):04x}", text)


def printable(value: Any) -> str:
    """A value for a terminal: a missing one is empty, and no control character of the directory's text reaches the terminal."""
    if value is None or value != value:
        return ""
    return one_line(str(value))
