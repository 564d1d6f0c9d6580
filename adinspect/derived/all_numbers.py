"""Every number of the forest wherever it stands, assigned or only shown, in international form where that is certain."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.derived import derived, holders, taken_addresses
from adinspect.derived.numbers import LINE, PRIVATE_LINE, by_base

TELEPHONE, EXTENSION = "telephone number", "EUM address"
"""Where a number stands, beside the sources of `numbers`."""

DUPLICATE, SHOWN, BASE, EXTENSIONS = "duplicate", "address book", "base/extension", "several extensions"
"""Kinds of conflict."""

OBJECT = ["guid", "dn", "identity"]


@derived(union=True)
def all_numbers(
    numbers: Annotated[DataFrame, "source", "value", "side"],
    users: Annotated[DataFrame, "telephone_number"],
    contacts: Annotated[DataFrame, "telephone_number"],
    taken_addresses: Annotated[DataFrame, "scheme", "stored", "address", "context"],
    shared_extensions: Annotated[DataFrame, "extension", "context", "others"],
    region: str,
) -> DataFrame:
    """One row for each place where an object holds or shows a number; `table` says what the object is.

    `source` is the place (those of `numbers`, TELEPHONE, EXTENSION), `value` the text as stored. `e164` is the valid
    international number it holds (addresses.telephone), missing where none is certain; `base` is that, else the digits as stored,
    `extension` digits or empty. `number` is what is compared and told: base and extension, or an extension with its phone
    context. An extension never gets a country code.

    `others` names in one text all the other objects with the same number, whatever its form; `conflict` says of what kind it is:

    - DUPLICATE: the number is assigned to both; of an extension as in `shared_extensions`.
    - SHOWN: one of the two only shows it, as its telephone number in the address book.
    - BASE or EXTENSIONS: the base number is assigned to others too (`base_others`), by one of them without extension, or by each
      with another one.

    Auto attendant and access numbers are no conflict with a contact without owner, and are compared only where they are
    international, like telephone numbers (see `numbers`).
    """
    rows = pd.concat(
        [
            numbers[["table", *OBJECT, "source", "value", "side"]].assign(written=numbers["value"]),
            _shown(users, "users", ""),
            _shown(contacts, "contacts", holders.CONTACT),
            _eum(taken_addresses),
        ],
        ignore_index=True,
    )
    # a part without rows would leave columns of no type
    rows = _read(rows.astype(dict.fromkeys(["value", "side", "written", "extension", "context"], "str")), region)
    lync = rows["source"].isin([LINE, PRIVATE_LINE])
    compared = rows["number"].where(rows["base"].str.startswith("+", na=False) | (lync & rows["base"].notna()))
    assigned = rows["source"] != TELEPHONE
    label = rows["identity"] + " (" + rows["source"] + ")"
    held = DataFrame({"guid": rows["guid"], "value": compared, "label": label, "side": rows["side"]})
    duplicate = holders.others(held.assign(value=compared.where(assigned)))
    in_context = _of_extension(rows, shared_extensions)
    others = in_context.fillna(holders.others(held))
    by_number = Series("", rows.index, dtype="str").mask(others.notna(), SHOWN)
    by_number = by_number.mask(duplicate.notna() | in_context.notna(), DUPLICATE)
    bases = by_base(rows.assign(base=rows["base"].where(assigned)))
    by_bases = Series("", rows.index, dtype="str").mask(bases["base_others"].notna(), EXTENSIONS)
    by_bases = by_bases.mask(bases["base_others"].notna() & bases["base_plain"], BASE)
    conflict = (by_number + ", " + by_bases).str.strip(", ")
    told = rows.assign(others=others, base_others=bases["base_others"], conflict=conflict.where(conflict != ""))
    return told.drop(columns=["written", "context", "side"])


def _read(rows: DataFrame, region: str) -> DataFrame:
    telephone, stored = addresses.telephone(rows["written"], region), addresses.number(rows["written"])
    known = telephone["e164"].notna()
    base = telephone["e164"].fillna(stored["base"])
    extension = telephone["extension"].where(known, stored["extension"])
    number = base + (";ext=" + extension).where(extension != "", "")
    inside = rows["context"].notna()
    return rows.assign(
        e164=telephone["e164"],
        base=base,
        extension=extension.where(~inside, rows["extension"]),
        number=number.where(~inside, rows["extension"] + ";phone-context=" + rows["context"]),
    )


def _shown(holding: DataFrame, table: str, side: str) -> DataFrame:
    held = holding[holding["telephone_number"].notna()]
    value = held["telephone_number"]
    return held[OBJECT].assign(table=table, source=TELEPHONE, value=value, written=value, side=side)


def _eum(taken: DataFrame) -> DataFrame:
    """EUM addresses that hold a number: `written` where it has a plus sign, else `extension` and its phone `context`."""
    held = taken[(taken["scheme"] == taken_addresses.EUM) & addresses.matches(taken["address"], r"\+?[0-9]+")]
    address, international = held["address"], held["address"].str.startswith("+", na=False)
    return held[["table", *OBJECT]].assign(
        source=EXTENSION,
        value=held["stored"],
        written=address.where(international),
        extension=address.where(~international),
        context=held["context"].where(~international),
        side=(held["table"] == "contacts").map({True: holders.CONTACT, False: ""}),
    )


def _of_extension(rows: DataFrame, shared: DataFrame) -> Series:
    """The other holders of each extension in its phone context; missing for any other number."""
    key = ["guid", "extension", "context"]
    named = shared.set_index(key)["others"].to_dict()
    within = rows.loc[rows["context"].notna(), key]
    places = zip(*(within[name].tolist() for name in key), strict=True)
    return Series([named.get(place) for place in places], within.index, dtype=object).reindex(rows.index)
