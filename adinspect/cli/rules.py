"""`adinspect rules`: the rule catalogue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._options import format_option, print_rows
from adinspect.errors import ConfigurationError
from adinspect.finding import Target

if TYPE_CHECKING:
    from adinspect.rule import Rule


@click.command(name="rules")
@click.argument("code", required=False)
@format_option
def command(code: str | None, format: str) -> None:
    """Show the rule catalogue, or the page of one rule.

    \b
    adinspect rules
    adinspect rules USR-001
    """
    from pandas import DataFrame

    from adinspect import documentation, rules

    catalogue = rules.shipped()
    if code and code.upper() not in catalogue:
        raise ConfigurationError(f"there is no rule {code}", next_step="`adinspect rules` lists them.")
    chosen = [catalogue[code.upper()]] if code else list(catalogue.values())
    if format == "json":
        click.echo(json.dumps({"rules": [as_json(rule) for rule in chosen]}, ensure_ascii=False, indent=1))
    elif code and format == "table":
        click.echo(documentation.rule_page(chosen[0]))
    else:
        rows = [
            {"rule": rule.code, "severity": rule.severity.value, "targets": _targets(rule), "message": rule.message}
            for rule in chosen
        ]
        print_rows(DataFrame(rows), format)


def as_json(rule: Rule) -> dict[str, Any]:
    """One rule in its public JSON form."""
    return {
        "rule": rule.code,
        "severity": rule.severity.value,
        "targets": [target.value for target in Target if target in rule.targets],
        "wave": rule.wave.value,
        "csv": list(rule.csv),
        "source": rule.source,
        "message": rule.message,
        "why": rule.why,
        "remediation": rule.remediation,
        "cmdlet": rule.cmdlet,
        "reads": {read.table: list(read.columns) for read in rule.signature.inputs},
        "settings": {setting.name: setting.default for setting in rule.signature.settings},
    }


def _targets(rule: Rule) -> str:
    return ", ".join(target.value for target in Target if target in rule.targets)
