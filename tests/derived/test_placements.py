from __future__ import annotations

from dataclasses import replace

from adinspect.frames import TEXT
from adinspect.sites import Site
from adinspect.testing import EVERYONE, look, table
from adinspect.visibility import State, rows

SITES = (
    Site("Paris", offices=("Paris", "Both"), home_pool="pool1.contoso.com", voice_policy="National"),
    Site("London", offices=("London", "Both"), um_dial_plan="London"),
)
WISHES = replace(EVERYONE, sites=SITES)
USERS = table("identity | office\nada | Paris\nbo | London\ncy | Both\ndi | Lyon")


def test_users_are_given_what_the_profile_says_of_their_only_site() -> None:
    found = look("placements", "site", "problem", "home_pool", "um_dial_plan", "voice_policy", users=USERS, profile=WISHES)
    told = found.astype(object).where(found.notna(), None).set_index("identity").drop(columns=["guid", "dn"])
    assert told.loc["ada"].tolist() == ["Paris", None, "pool1.contoso.com", None, "National"]
    assert told.loc["bo"].tolist() == ["London", None, None, "London", None]
    assert told.loc["di"].tolist() == [None] * 5
    assert told.loc["cy"].drop("problem").tolist() == [None] * 4
    assert "(Paris, London)" in told.loc["cy", "problem"]
    assert set(found.dtypes) == {TEXT}


def test_a_user_of_whom_the_office_was_not_seen_has_no_row() -> None:
    hidden = rows(("users", "office", "users-1", State.UNREADABLE, "closed"))
    assert list(look("placements", "site", users=USERS, profile=WISHES, visibility=hidden)["identity"]) == ["ada", "cy", "di"]
