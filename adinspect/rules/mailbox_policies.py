"""UM mailbox policies: whether each belongs to a UM dial plan."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.finding import Severity, Target
from adinspect.rule import Need, rule


@rule("POL-001", Severity.HIGH, Target.UM_LYNC, source="X-POL", needs=Need.EXCHANGE)
def mailbox_policy_orphaned(
    mailbox_policies: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """UM mailbox policy {identity} belongs to no UM dial plan that exists.

    Users who have this policy cannot be served.

    Remediation: Move its users to a policy of their dial plan, then remove it.
    Cmdlet: Set-UMMailbox -UMMailboxPolicy; Remove-UMMailboxPolicy
    """
    return mailbox_policies[~mailbox_policies["dial_plan"].isin(dial_plans["dn"])]
