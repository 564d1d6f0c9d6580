"""Flags as a directory stores them, from the octets to the finding: one number holds several answers."""

from __future__ import annotations

import pytest
from directories import PLANS, entry, forest, schema, user

from adinspect import frames, observe, query, rules
from adinspect.assess import assess
from adinspect.collect import collect
from adinspect.directory.memory import MemoryDirectory
from adinspect.finding import Target
from adinspect.testing import TODAY

JUDGED = ("USR-015", "USR-018", "CNS-020", "CNS-021", "CNS-026")


def found(**attributes: str) -> set[str]:
    policy = entry(f"CN=HQ Policy,{PLANS}", "msExchUMRecipientTemplate", msExchUMMailboxPolicyDialPlanLink=f"CN=HQ,{PLANS}")
    # where nobody shows an attribute of Exchange, it counts as hidden
    other = user("bo", msExchRecipientTypeDetails="1")
    one = collect(MemoryDirectory(forest(*schema(), policy, user("ada", **attributes), other)), list(query.shipped().values()))
    tables = {name: frames.frame(table) for name, table in one.tables.items()}
    catalogue = [rules.shipped()[code] for code in JUDGED]
    assessment = assess(tables, observe.observe(one), target=Target.UM_LYNC, today=TODAY, catalogue=catalogue)
    assert assessment.skipped.empty, assessment.skipped.to_dict("records")
    return set(assessment.findings.loc[assessment.findings["dn"].str.startswith("CN=ada,"), "rule"])


@pytest.mark.parametrize(
    ("option_flags", "codes"),
    [
        ("257", set()),
        ("384", {"USR-015"}),
        ("385", {"USR-015"}),
        ("273", {"USR-018"}),
        ("769", {"USR-018"}),
        ("2305", set()),
        ("2433", {"USR-015", "CNS-026"}),
    ],
)
def test_the_options_of_a_lync_user_are_told_apart(option_flags: str, codes: set[str]) -> None:
    assert found(msRTCSIP_UserEnabled="TRUE", msRTCSIP_OptionFlags=option_flags) == codes


@pytest.mark.parametrize(
    ("flags", "codes"),
    [
        ({"msExchUMEnabledFlags": "829"}, set()),
        ({"msExchUMEnabledFlags": "829", "msExchUMEnabledFlags2": "-1"}, set()),
        ({"msExchUMEnabledFlags": "828"}, {"CNS-021"}),
        ({"msExchUMEnabledFlags": "0", "msExchUMEnabledFlags2": "-1"}, {"CNS-021"}),
        ({"msExchUMEnabledFlags2": "-1"}, {"CNS-021"}),
    ],
)
def test_a_user_is_enabled_for_um_by_one_flag_alone(flags: dict[str, str], codes: set[str]) -> None:
    assert found(msExchUMRecipientDialPlanLink=f"CN=HQ,{PLANS}", **flags) == codes
