"""`adinspect queries`: what is asked of the directory."""

from __future__ import annotations

import click

from adinspect.cli._options import format_option, print_rows
from adinspect.errors import ConfigurationError


@click.command(name="queries")
@click.argument("name", required=False)
@format_option
def command(name: str | None, format: str) -> None:
    """Show the queries, or the columns of one and an ldapsearch line that asks the same.

    \b
    adinspect queries
    adinspect queries users
    """
    from pandas import DataFrame

    from adinspect import documentation, query

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
