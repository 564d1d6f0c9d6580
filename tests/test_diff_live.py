"""What changed on a real directory, as two accounts of different rights see it."""

from __future__ import annotations

from pathlib import Path

from lab import Lab, forest
from live_snapshots import take_live
from pandas import DataFrame

from adinspect.diff import Moment, compare

STAFF = f"OU=Staff,{forest.DOMAIN}"
GATEWAYS = forest.NAMES["GATEWAYS"]

EDITS = f"""dn: CN=ok.sip,OU=Seattle,{STAFF}
changetype: modify
replace: msRTCSIP-Line
msRTCSIP-Line: tel:+14255550191
-
replace: msRTCSIP-PrimaryUserAddress
msRTCSIP-PrimaryUserAddress: SIP:OK.SIP@contoso.com
-
delete: proxyAddresses
proxyAddresses: eum:50101;phone-context=Seattle.contoso.example
-

dn: CN=ok.sip,OU=Seattle,{STAFF}
changetype: modrdn
newrdn: CN=better.sip
deleteoldrdn: 1
newsuperior: OU=Paris,{STAFF}

dn: CN=pbx-spare,{GATEWAYS}
changetype: modify
replace: msExchUMOutcallsAllowed
msExchUMOutcallsAllowed: FALSE
-

dn: CN=newcomer,{STAFF}
changetype: add
objectClass: user
sAMAccountName: newcomer

dn: CN=Depot,CN=pool04,{GATEWAYS}
changetype: delete
"""

EXPECTED = {
    ("changed", "users", "ok.sip@contoso.com", "msRTCSIP-Line"),
    ("changed", "proxy_addresses", "ok.sip@contoso.com", "proxyAddresses"),
    ("moved", "users", "ok.sip@contoso.com", "distinguishedName"),
    ("changed", "gateways", "pbx-spare", "msExchUMOutcallsAllowed"),
    ("added", "users", "newcomer", None),
    ("removed", "hunt_groups", "Depot", None),
    ("changed", "dial_plan_hunt_groups", "Depot", "msExchUMHuntGroupDialPlanBL"),
}


def told(changes: DataFrame) -> set[tuple[str, str, str, str | None]]:
    names = ("kind", "table", "identity", "attribute")
    return set(changes[list(names)].itertuples(index=False, name=None))


def test_scripted_edits_are_found_and_no_account_takes_its_blindness_for_a_change(fresh_lab: Lab, tmp_path: Path) -> None:
    def see() -> tuple[Moment, Moment]:
        whole, ordinary = (take_live(fresh_lab, account, tmp_path) for account in (fresh_lab.administrator, fresh_lab.reader))
        return Moment.of(whole), Moment.of(ordinary)

    whole_then, ordinary_then = see()
    assert told(compare(whole_then, ordinary_then).changes) == set()
    assert told(compare(ordinary_then, whole_then).changes) == set()
    fresh_lab.modify(EDITS)
    whole_now, ordinary_now = see()
    assert told(compare(whole_then, whole_now).changes) == EXPECTED
    for old, new in ((ordinary_then, ordinary_now), (whole_then, ordinary_now), (ordinary_then, whole_now)):
        seen = compare(old, new)
        assert told(seen.changes) <= EXPECTED
        assert ("added", "users", "newcomer", None) in told(seen.changes)
        assert len(seen.gaps)
