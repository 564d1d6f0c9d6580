"""The SIP address that the template of the profile makes for each user."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.derived import derived
from adinspect.frames import TEXT
from adinspect.profile import Profile
from adinspect.sites import TEMPLATE_COLUMNS, template_columns

_FIT = r"[A-Za-z0-9._'\-]+"


@derived
def templated_addresses(
    users: Annotated[DataFrame, "name", "display_name", "given_name", "surname", "sam_account_name"], profile: Profile
) -> DataFrame:
    """One row a user: `sip_address` is what the template makes, without scheme.

    Accents are folded and nothing else is changed: missing where the profile has no template, a value is missing, or one holds a
    character that is no letter a to z, digit, dot, hyphen, underscore or apostrophe.
    """
    template, rows, spelt = profile.sip.template, users[["guid", "dn", "identity"]], users[list(TEMPLATE_COLUMNS)]
    if not template:
        return rows.assign(sip_address=Series(None, users.index, dtype=TEXT))
    values = {name: _folded(spelt[name]) for name in template_columns(template)}
    texts = DataFrame(values).dropna()
    made = Series([template.format_map(row) for row in texts.to_dict("records")], texts.index, dtype=TEXT)
    return rows.assign(sip_address=made.reindex(users.index))


def _folded(column: Series) -> Series:
    """Values without accents; missing where a character is left that nobody's address has."""
    folded = [_without_marks(value) if isinstance(value, str) else None for value in column]
    told = Series(folded, column.index, dtype=TEXT)
    return told.where(addresses.matches(told, _FIT))


def _without_marks(value: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", value) if not unicodedata.combining(letter))
