from __future__ import annotations

from adinspect.testing import look, table


def test_who_names_a_pool_and_is_not_homed_online_is_told_with_its_table() -> None:
    users = table("""
        identity | pool_service          | deployment_locator
        ada      | CN=Lc Services,CN=1:1 | SRV:
        bo       | CN=Lc Services,CN=1:1 | -
        cy       | CN=Lc Services,CN=1:1 | sipfed.online.lync.com
        di       | -                     | SRV:
    """)
    contacts = table("""
        identity | pool_service                               | deployment_locator
        Desk     | CN=Lc Services\\0ADEL:1,CN=Deleted Objects | srv:
        App      | CN=Lc Services,CN=1:1                      | sipfed.online.lync.com
    """)
    found = look("pool_homes", "pool_service", users=users, contacts=contacts)
    assert found[["table", "identity", "pool_service"]].to_numpy().tolist() == [
        ["users", "ada", "CN=Lc Services,CN=1:1"],
        ["users", "bo", "CN=Lc Services,CN=1:1"],
        ["contacts", "Desk", "CN=Lc Services\\0ADEL:1,CN=Deleted Objects"],
    ]
