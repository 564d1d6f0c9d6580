"""The pages a machine can make: rules, tables and commands, from the same definitions the product runs on."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from enum import StrEnum

import click

from adinspect.finding import Target, Wave
from adinspect.query import Column, Query, Table
from adinspect.rule import Input, Rule, Setting
from adinspect.side import Header, SideInput

MADE = "<!-- Made by `python docs/make.py`: change the definitions, not this page. -->"

HEADER = "| column | attribute | type | what it is |\n| --- | --- | --- | --- |"

READING = (
    "*Reads* names the tables and columns a rule looks at; the first table is the one judged. An object of which one of them "
    "was not seen is held back and counted, and any other table must have been seen whole, but for one that ends in `...`. A "
    "column with a question mark only exempts. What the sources are: [sources](sources.md)."
)

SIDE_HEADER = HEADER.replace("| attribute |", "| CSV column |")

SIDE = """# Side inputs

CSV exports of what Active Directory does not hold, which `adinspect collect --side FOLDER` reads as tables. `identity` is what
stands in the columns that no two rows share; `guid` and `dn` are empty, because no row is an object of the directory. An empty
cell is a missing value. UTF-8 and UTF-16, `#TYPE` lines, and commas, semicolons or tabs between cells are all read; columns that
are not listed here are not."""

WAVES = {
    Wave.FIX: "fixed by a bulk CSV",
    Wave.DECIDE: "needs a decision",
    Wave.ORGANIZATION: "one decision for the organization",
    Wave.BLOCK: "blocks the object's move",
    Wave.GATE: "closes the gate for the whole forest",
    Wave.PREREQUISITE: "a prerequisite; moves nobody's wave",
    Wave.EXCLUDE: "takes the object out of the waves",
    Wave.NONE: "moves nobody's wave",
}


def rule_page(rule: Rule) -> str:
    """One rule: what it says, why, what to do, what it reads. Markdown that reads well on a terminal."""
    reads = "; ".join(map(_read, rule.signature.inputs))
    settings = "; ".join(map(_setting, rule.signature.settings))
    facts = {
        "Severity": rule.severity.value,
        "Targets": ", ".join(target.value for target in Target if target in rule.targets),
        "Wave": f"{rule.wave.value} ({WAVES[rule.wave]})",
        "Bulk CSV": ", ".join(rule.csv) or "none",
        "Remediation": rule.remediation,
        "Cmdlet": f"`{rule.cmdlet}`" if rule.cmdlet else "none",
        "Reads": reads,
        "Settings": settings or "none",
        "Source": rule.source,
    }
    lines = "\n".join(f"- {label}: {text}" for label, text in facts.items())
    return f"## {rule.code}\n\n{rule.message}\n\n{rule.why}\n\n{lines}\n"


def _read(read: Input) -> str:
    marks = {**dict.fromkeys(read.exempting, "?"), **dict.fromkeys(read.audited, "!")}
    columns = [column + marks.get(column, "") for column in read.columns]
    named = f"{read.table} ({', '.join([*columns, '...'] if read.partial else columns)})"
    return f"{named} if it can be had" if read.optional else named


def _setting(setting: Setting) -> str:
    kinds = (setting.type, *typing.get_args(setting.type))
    words = [str(word) for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum) for word in kind]
    said = f"{setting.name} ({', '.join(words)})" if words else setting.name
    if setting.required:
        return f"{said} must be set"
    default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return f"{said} = {'not set' if default is None else default}"


def query_page(query: Query) -> str:
    """One query: its tables with a sentence a column, and an ldapsearch line that asks the same."""
    tables = "\n".join(_table_page(table) for table in query.tables)
    asked = {name.lower(): name for name in (*sorted(query.filter.attributes), *query.attributes)}
    names = " ".join(asked.values())
    bases = " or ".join(f"<{base.replace('_', ' ')} DN>" for base in query.bases)
    how = f"ldapsearch -L -o ldif-wrap=no -E pr=1000/noprompt -H ldaps://DC -D USER -W -s {_scope(query)}"
    line = f"{how} -b '{bases}' '{query.filter.text}' {names}"
    return f"{tables}\n    {line}\n"


def _scope(query: Query) -> str:
    return "base" if query.scope.value == "base" else "sub"


def _table_page(table: Table) -> str:
    owner = f" One row a value; guid, dn and identity are those of its row in `{table.owner}`." if table.owner else ""
    rows = "\n".join(f"| `{column.name}` | {_attribute(column)} | {_type(column)} | {column.says} |" for column in table.columns)
    return f"## {table.name}\n\n{table.title}. {table.description}{owner}\n\n{HEADER}\n{rows}\n"


def _attribute(column: Column) -> str:
    return f"`{column.attribute}`" if column.attribute else "the DN"


def _type(column: Column) -> str:
    detail = f" {column.bit}" if column.bit else f" {column.part}" if column.part else f" to `{column.to}`" if column.to else ""
    absent = "" if column.absent is None else f", absent is {str(column.absent).lower()}"
    return f"{column.type.value}{detail}{absent}"


def rules_page(catalogue: Iterable[Rule]) -> str:
    """docs/rules.md: an index and a page a rule."""
    chosen = sorted(catalogue, key=lambda rule: rule.code)
    index = "\n".join(f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity.value} | {rule.message} |" for rule in chosen)
    told = "\n".join(map(rule_page, chosen))
    return f"# Rules\n\n{MADE}\n\n{READING}\n\n| rule | severity | finding |\n| --- | --- | --- |\n{index}\n\n{told}"


def side_page(one: SideInput) -> str:
    """One side input: its table with a sentence a column, and the PowerShell line that exports it."""
    rows = "\n".join(f"| `{header.column}` | {_csv_column(header)} | {header.kind} | {header.says} |" for header in one.headers)
    key = ", ".join(f"`{name}`" for name in one.key)
    told = f"## {one.name}\n\n{one.title}. {one.description} File `{one.file}`, one row for each {key}."
    return f"{told}\n\n{SIDE_HEADER}\n{rows}\n\n    {one.line}\n"


def _csv_column(header: Header) -> str:
    return f"`{header.header}`{', may be missing' if header.optional else ''}"


def tables_page(queries: Iterable[Query], others: Iterable[Table], inputs: Iterable[SideInput]) -> str:
    """docs/tables.md: every table with its columns, query by query, and those that come from beside the directory."""
    told = (*map(query_page, queries), *map(_table_page, others), f"{SIDE}\n", *map(side_page, inputs))
    return f"# Tables\n\n{MADE}\n\nEvery table also has `guid`, `dn` and `identity`.\n\n" + "\n".join(told)


def commands_page(root: click.Command) -> str:
    """docs/commands.md: the help of every command, as it is printed."""
    return f"# Commands\n\n{MADE}\n\n" + "\n".join(_commands(root, root.name or "", None))


def _commands(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    widths = {"terminal_width": 100, "max_content_width": 100}
    context = click.Context(command, parent, name, **{**command.context_settings, **widths})
    yield f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            child = command.get_command(context, verb)
            if child:
                yield from _commands(child, verb, context)
