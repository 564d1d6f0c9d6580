"""The CSV that changes settings of mailboxes in Unified Messaging, without moving them to another UM dial plan."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect.frames import TEXT
from adinspect.proposals import proposes, reasons, reviewed, sent
from adinspect.proposals.um_mailboxes import DISABLE
from adinspect.step import REASON, WHY

SET = "31_um_mailbox_set"

OTHER_PLAN, FAX = "CNS-008", "USR-016"
"""The rules that find who has a policy of another UM dial plan, and who may receive faxes that never arrive."""


@proposes(SET)
def um_mailbox_set(
    users: Annotated[DataFrame, "um_fax_id?", "um_mailbox_policy", "um_dial_plan"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    placements: Annotated[DataFrame, "um_mailbox_policy"],
    mailbox_policies: Annotated[DataFrame, "name", "dial_plan", "fax_server?"],
) -> DataFrame:
    """A UM mailbox policy of the user's own UM dial plan: that of the site, else the only one; no faxes in a SIP URI one."""
    elsewhere, fax = sent(users, findings, SET, OTHER_PLAN), sent(users, findings, SET, FAX)
    wish = users["guid"].map(placements.set_index("guid")["um_mailbox_policy"])
    chosen = _policies(users["um_dial_plan"], wish, mailbox_policies)
    rows = users[["guid"]].assign(
        Identity=users["guid"],
        UMMailboxPolicy=chosen["guid"].astype(object).where(elsewhere, None),
        FaxEnabled=Series(False, users.index, dtype=object).where(fax, None),
        MissedCallNotificationEnabled=None,
        **{WHY: ("UM mailbox policy " + chosen["name"] + ".").where(elsewhere)},
    )
    servers = mailbox_policies.loc[mailbox_policies["fax_server"].notna(), "dn"]
    counted = "somebody counts on faxes, for there is a fax server in the UM mailbox policy or a fax identity: plan a fax service"
    told = reviewed(
        rows,
        {
            "UMMailboxPolicy": {"the policy is a choice: ": chosen["choice"].where(elsewhere)},
            "FaxEnabled": {counted: fax & (users["um_mailbox_policy"].isin(servers) | users["um_fax_id"].notna())},
        },
    )
    beside = {
        "is disabled and enabled anew (29, 30): collect again after it, and look at the settings then": sent(
            users, findings, DISABLE
        ),
        "nothing is known here that this file could change": ~elsewhere & ~fax,
    }
    return told.assign(**{REASON: reasons(rows, {"": told[REASON].where(told[REASON] != ""), **beside})})


def _policies(plans: Series, wishes: Series, mailbox_policies: DataFrame) -> DataFrame:
    """For each user the policy (`guid`, `name`) of the own UM dial plan: the profile's, else its only one, else a `choice`."""
    of_plans = {str(plan): those for plan, those in mailbox_policies.groupby("dial_plan")}
    asked = list(zip(plans.astype(object).fillna(""), wishes.astype(object).fillna(""), strict=True))
    known = {(plan, wish): _policy(of_plans.get(plan, mailbox_policies.iloc[:0]), wish) for plan, wish in set(asked)}
    told = [known[pair] for pair in asked]
    return DataFrame(told, columns=["guid", "name", "choice"], index=plans.index).astype(TEXT)


def _policy(fit: DataFrame, wish: str) -> tuple[str | None, str | None, str | None]:
    wished = fit[fit["name"] == wish] if wish else fit
    found = wished if len(wished) == 1 else fit
    if len(found) == 1:
        return str(found["guid"].iloc[0]), str(found["identity"].iloc[0]), None
    named = ", ".join(sorted(found["identity"])) or "none"
    return None, None, f"{len(found)} UM mailbox policies belong to the user's own UM dial plan ({named})"
