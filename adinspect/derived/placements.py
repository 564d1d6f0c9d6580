"""What each user is given at the site they are at, as the profile wishes it."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.derived import derived
from adinspect.frames import TEXT
from adinspect.profile import Profile
from adinspect.sites import SETTINGS


@derived
def placements(users: Annotated[DataFrame, "site", "site_problem"], profile: Profile) -> DataFrame:
    """One row a user.

    `site` is the name of the user's site; `problem` says why there is none where a user is at several. The other columns are
    what users are given there (sites.SETTINGS), as the profile spells it; all are text, missing where the profile does not say.
    """
    given = {site.name: site for site in profile.sites}
    columns = {key: users["site"].map({name: getattr(site, key) or None for name, site in given.items()}) for key in SETTINGS}
    told = users[["guid", "dn", "identity"]].assign(site=users["site"], problem=users["site_problem"], **columns)
    return told.astype(dict.fromkeys(SETTINGS, TEXT))
