"""UM mailbox policies: whether each belongs to a UM dial plan, and asks for PINs that are hard to guess."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pandas import DataFrame

from adinspect.finding import Certainty, Severity, Target
from adinspect.rule import Need, rule
from adinspect.wording import told


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


@rule("POL-002", Severity.MEDIUM, Target.UM_LYNC, source="X-PIN", needs=Need.EXCHANGE)
def pin_policy_weak(
    mailbox_policies: Annotated[DataFrame, "min_pin_length", "pin_lifetime", "pin_no_common_patterns"],
    shortest: int = 6,
    patterns_refused: int = 1,
) -> DataFrame:
    """UM mailbox policy {identity} allows weak PINs.

    Whoever guesses a PIN hears the mailbox, and may place calls at the organization's expense. Exchange starts with 6 digits, 60
    days and no common patterns.

    Remediation: Ask for six digits or more, refuse common patterns, and let PINs expire.
    Cmdlet: Set-UMMailboxPolicy -MinPINLength 6 -AllowCommonPatterns $false -PINLifetime 60
    """
    length, lifetime, patterns = (mailbox_policies[name] for name in ("min_pin_length", "pin_lifetime", "pin_no_common_patterns"))
    certain = {
        f"PINs may have fewer than {shortest} digits": (length < shortest).fillna(False).astype(bool),
        "PINs never expire": lifetime.eq(0).fillna(False).astype(bool),
    }
    # Which value refuses common patterns, and what a policy without a lifetime does, Microsoft does not say.
    likely = {
        "no lifetime of PINs is set, which may mean that they never expire": lifetime.isna(),
        f"common patterns may be allowed, if {patterns_refused} is the value that refuses them": (
            patterns.fillna(0).ne(patterns_refused).astype(bool)
        ),
    }
    faults = told(certain | likely, mailbox_policies, "; ")
    sure = np.logical_or.reduce(list(certain.values()))
    return mailbox_policies.assign(certainty=np.where(sure, Certainty.CERTAIN.value, Certainty.LIKELY.value), because=faults)[
        faults != ""
    ]
