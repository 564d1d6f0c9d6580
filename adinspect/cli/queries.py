"""`adinspect queries`: what is asked of the directory."""

from __future__ import annotations

import click

from adinspect.cli._options import format_option, print_rows
from adinspect.errors import ConfigurationError


@click.command(name="queries")
@click.argument("name", required=False)
@click.option("--side", is_flag=True, help="The PowerShell lines that export what Active Directory does not hold.")
@format_option
def command(name: str | None, side: bool, format: str) -> None:
    """Show the queries, or the columns of one and an ldapsearch line that asks the same.

    \b
    adinspect queries
    adinspect queries users
    adinspect queries --side
    adinspect queries --side cs_users
    """
    from pandas import DataFrame

    from adinspect import documentation, query

    if side:
        _show_side(name, format)
        return
    queries = query.shipped()
    if name and name not in queries:
        raise ConfigurationError(f"there is no query {name}", next_step="`adinspect queries` lists them.")
    if name and format == "table":
        click.echo(documentation.query_page(queries[name]))
        return
    chosen = [queries[name]] if name else queries.values()
    rows = [
        {"query": one.name, "table": table.name, "base": ", ".join(one.bases), "title": table.title, "filter": one.filter.text}
        for one in chosen
        for table in one.tables
    ]
    print_rows(DataFrame(rows), format)


def _show_side(name: str | None, format: str) -> None:
    from pandas import DataFrame

    from adinspect import documentation, side

    inputs = side.shipped()
    if name and name not in inputs:
        raise ConfigurationError(f"there is no side input {name}", next_step="`adinspect queries --side` lists them.")
    chosen = [inputs[name]] if name else list(inputs.values())
    if format != "table":
        rows = [{"table": one.name, "file": one.file, "title": one.title, "command": one.line} for one in chosen]
        print_rows(DataFrame(rows), format)
    elif name:
        click.echo(documentation.side_page(chosen[0]))
    else:
        click.echo("\n".join(f"# {one.title}. {one.description}\n{one.line}\n" for one in chosen), nl=False)
