"""The rule catalogue: one module a family; adding a rule is adding a function."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from adinspect import definitions
from adinspect.rule import Rule


@cache
def shipped() -> Mapping[str, Rule]:
    """Every rule in the modules of this package, by code.

    Raises:
        ValueError: two rules bear the same code.
    """
    rules = definitions.found(__name__, Rule)
    catalogue = {rule.code: rule for rule in rules}
    if len(catalogue) < len(rules):
        raise ValueError("two rules bear the same code")
    return catalogue
