"""What Teams cmdlets may be given to find a user, and nobody else."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses
from adinspect.derived import derived, holders
from adinspect.derived import taken_addresses as taken
from adinspect.frames import TEXT
from adinspect.membership import among
from adinspect.profile import SignIn

OBJECT_ID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
"""An object identifier of Entra ID."""

_NO_NAMES = DataFrame({**dict.fromkeys(("guid", "identity", "name"), Series(dtype=TEXT)), "signs_in": Series(dtype=bool)})


@derived(union=True)
def sign_in_names(users: Annotated[DataFrame, "upn", "mail"], sign_in: SignIn) -> DataFrame:
    """One row for each name of a user that an account in the tenant may have: `name`, in lower case; `signs_in` (bool) with it.

    A union of one table: it is whole only where all users were seen, so that a name of one user alone is nobody else's.
    """
    chosen = {SignIn.UPN: users["upn"], SignIn.MAIL: users["mail"]}[sign_in]
    kinds = [users[["guid", "dn", "identity"]].assign(name=chosen, signs_in=True)]
    if sign_in is not SignIn.UPN:
        kinds.append(users[["guid", "dn", "identity"]].assign(name=users["upn"], signs_in=False))
    rows = pd.concat(kinds, ignore_index=True)
    rows = rows.assign(table="users", name=rows["name"].str.lower())
    return rows[rows["name"].notna()].drop_duplicates(["guid", "name"])


@derived
def teams_identities(
    users: Annotated[DataFrame, "upn", "mail"],
    sign_in_names: Annotated[DataFrame | None, "name", "signs_in"],
    taken_addresses: Annotated[DataFrame | None, "scheme", "address"],
    m365_users: Annotated[DataFrame | None, "user", "upn"],
    teams_users: Annotated[DataFrame | None, "user", "upn", "sip_address"],
    sign_in: SignIn,
) -> DataFrame:
    """One row a user: `teams_identity`, and `teams_problem` where there is none that names this user alone (text).

    It is the object identifier of the account that has the user's sign-in name, where the tenant's exports show it; else the
    sign-in name, if no other object of the forest or the tenant has that as user principal name or SIP address. Whose account a
    name is that two users sign in with nobody can tell, nor while not all their names were seen.
    """
    name: Series = {SignIn.UPN: users["upn"], SignIn.MAIL: users["mail"]}[sign_in]
    key = name.str.lower()
    accounts = _accounts(m365_users, teams_users)
    several, known = _several(accounts), accounts.drop_duplicates("name").set_index("name")["user"]
    identifier = key.map(known).astype(object).where(~key.isin(several))
    unseen = sign_in_names is None
    names = _NO_NAMES if sign_in_names is None else sign_in_names
    other_users = _others(users, key, names[names["signs_in"]])
    unsure = identifier.isna() & key.notna()
    named_too = _others(users, key, _named(names, taken_addresses, teams_users)).where(unsure)
    problems = {
        "has no sign-in name": key.isna(),
        "ambiguous: not every sign-in name was seen, and whose account is whose is told by them": Series(unseen, users.index),
        "ambiguous: its sign-in name is also that of ": other_users,
        "ambiguous: the exports of the tenant show several accounts for its sign-in name, or several names for its account": (
            key.isin(several)
        ),
        "ambiguous: its sign-in name is also a user principal name or SIP address of ": named_too.where(other_users.isna()),
        "ambiguous: not everything was seen that could have its sign-in name as SIP address, and no export of the tenant "
        "(m365-users.csv) shows its object identifier": unsure & (taken_addresses is None),
    }
    problem = Series(None, users.index, dtype=object)
    for reason, where in problems.items():
        told = where.map({True: reason, False: None}) if where.dtype == bool else reason + where.astype(object)
        problem = problem.where(problem.notna(), told)
    told = users[["guid", "dn", "identity"]]
    return told.assign(
        teams_identity=identifier.fillna(name.astype(object)).where(problem.isna()).astype(TEXT),
        teams_problem=problem.astype(TEXT),
    )


def _accounts(*exports: DataFrame | None) -> DataFrame:
    """Which account has which name: `user` (an object identifier) and `name`, both in lower case, each pair once."""
    given = [one[["user", "upn"]] for one in exports if one is not None]
    rows = pd.concat([DataFrame(columns=["user", "upn"], dtype=TEXT), *given], ignore_index=True)
    rows = rows[addresses.matches(rows["user"], OBJECT_ID) & rows["upn"].notna()]
    return DataFrame({"user": rows["user"].str.lower(), "name": rows["upn"].str.lower()}).drop_duplicates()


def _several(accounts: DataFrame) -> Series:
    """The names of several accounts, and those of accounts with several names: exports that do not agree."""
    doubtful = accounts.duplicated("name", keep=False) | accounts.duplicated("user", keep=False)
    return accounts.loc[doubtful, "name"]


def _others(users: DataFrame, key: Series, held: DataFrame) -> Series:
    """Who else of `held` (guid, identity, name) has each user's name; missing where nobody has."""
    columns = ["guid", "identity", "name"]
    mine = users[["guid", "identity"]].assign(name=key)
    rows = pd.concat([mine, held.loc[among(held["name"], key.dropna()), columns]], ignore_index=True)
    compared = DataFrame({"guid": rows["guid"], "value": rows["name"], "label": rows["identity"], "side": ""})
    return holders.others(compared).iloc[: len(users)].set_axis(users.index)


def _named(sign_in_names: DataFrame, taken_addresses: DataFrame | None, teams_users: DataFrame | None) -> DataFrame:
    """Every name by which a cmdlet could find an object: guid (of an account in the tenant, what it is there), identity, name."""
    columns = ["guid", "identity", "name"]
    rows = [sign_in_names[columns]]
    if taken_addresses is not None:
        sip = taken_addresses[taken_addresses["scheme"] == taken.SIP]
        label = sip["identity"].where(sip["table"] == "users", sip["identity"] + " (contact)")
        rows.append(DataFrame({"guid": sip["guid"], "identity": label, "name": sip["address"]}))
    if teams_users is not None:
        whose = sign_in_names[sign_in_names["signs_in"]].drop_duplicates("name", keep=False).set_index("name")["guid"]
        here = teams_users["upn"].str.lower().map(whose).astype(object)
        account = "the account " + teams_users["user"] + " in Teams"
        sip_address = addresses.without_scheme(teams_users["sip_address"])
        rows.append(DataFrame({"guid": here.fillna(account), "identity": account, "name": sip_address}))
    return pd.concat(rows, ignore_index=True)[columns]
