"""AA: auto attendants that no call from Lync can reach."""

from collections.abc import Mapping

import pytest

from adinspect.profile import Elsewhere
from adinspect.rules.auto_attendants import auto_attendant_number_unusable, auto_attendant_unreachable
from adinspect.testing import findings, table

PLANS = table("""
    identity | dn        | uri_type
    London   | CN=London | 3
    PBX      | CN=PBX    | 1
    Depot    | CN=Depot  | 2
    Silent   | CN=Silent | -
""")
MENUS = table(r"""
    identity | dial_plan
    Main     | CN=London
    Loose    | -
    Lost     | CN=Never there
    Deleted  | CN=Closed\0ADEL:1,CN=Deleted Objects
    Workshop | CN=PBX
    Goods In | CN=Depot
    Quiet    | CN=Silent
""")
DANGLING = {
    "Loose": "it names no UM dial plan",
    "Lost": "its UM dial plan does not exist",
    "Deleted": "its UM dial plan does not exist",
}
NOT_SIP_URI = dict.fromkeys(["Workshop", "Goods In"], "its UM dial plan is not a SIP URI one")


@pytest.mark.parametrize(
    ("pools", "lync_forest", "expected"),
    [
        ("fqdn\npool01.contoso.com", Elsewhere.UNKNOWN, DANGLING | NOT_SIP_URI),
        ("fqdn", Elsewhere.OTHER, DANGLING | NOT_SIP_URI),
        ("fqdn", Elsewhere.UNKNOWN, DANGLING),
        ("fqdn", Elsewhere.THIS, DANGLING),
    ],
)
def test_an_auto_attendant_needs_a_dial_plan_and_beside_lync_a_sip_uri_one(
    pools: str, lync_forest: Elsewhere, expected: Mapping[str, str]
) -> None:
    found = findings(
        auto_attendant_unreachable, auto_attendants=MENUS, dial_plans=PLANS, pools=table(pools), lync_forest=lync_forest
    )
    assert dict(zip(found["identity"], found["because"], strict=True)) == expected
    assert set(found["severity"]) == {"medium"}


def test_a_number_in_a_sip_uri_dial_plan_is_e164_and_none_at_all_only_informs() -> None:
    menus = table("""
        identity | dial_plan
        Main     | CN=London
        Billing  | CN=London
        Keys     | CN=London
        PBX menu | CN=PBX
        PBX keys | CN=PBX
        Lost     | CN=Never there
    """)
    numbers = table("""
        identity | number
        Main     | +14255550100
        Billing  | +14255550101
        Billing  | 50195
        Billing  | (425) 555-0102
        PBX menu | 5000
        Lost     | 5001
    """)
    found = findings(auto_attendant_number_unusable, auto_attendants=menus, auto_attendant_numbers=numbers, dial_plans=PLANS)
    assert [tuple(row) for row in found[["identity", "severity", "because", "message"]].to_numpy()] == [
        ("Billing", "high", "not E.164: (425) 555-0102, 50195", "UM auto attendant Billing has a number that is not E.164."),
        ("Keys", "info", "", "UM auto attendant Keys has no number."),
        ("PBX keys", "info", "", "UM auto attendant PBX keys has no number."),
    ]
