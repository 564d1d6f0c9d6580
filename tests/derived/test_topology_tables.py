"""Derived tables of the topology, built from written tables the way the engine builds them."""

from typing import Annotated

from pandas import DataFrame

from adinspect import assess, visibility
from adinspect.derived import Derived
from adinspect.derived.dial_plan_gateways import dial_plan_gateways
from adinspect.derived.um_contacts import um_contacts
from adinspect.derived.um_hosts import um_certificates, um_hosts
from adinspect.finding import Target
from adinspect.profile import Profile
from adinspect.rule import Signature, Skipped
from adinspect.testing import TODAY, table, tables
from adinspect.visibility import State


def built(derived: Derived, hidden: DataFrame | None = None, **written: DataFrame) -> DataFrame:
    unseen = visibility.nothing_hidden() if hidden is None else hidden
    view = assess.view_of(tables(**written), unseen, target=Target.UM_LYNC, today=TODAY, profile=Profile())
    handed = view.hand(derived.signature, {}, union=derived.union)
    assert not isinstance(handed, Skipped), handed.reason
    return derived.build(**handed.arguments)


def rows(frame: DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).itertuples(index=False, name=None))


def test_gateways_and_live_dial_plans_are_joined_once_however_many_hunt_groups_join_them() -> None:
    frame = built(
        dial_plan_gateways,
        gateways=table("identity | dn\npool01 | CN=pool01\npool02 | CN=pool02"),
        dial_plans=table("identity | dn\nLondon | CN=London\nParis | CN=Paris"),
        hunt_groups=table("""
            identity | gateway   | dial_plan
            One      | CN=pool01 | CN=London
            Two      | CN=pool01 | CN=London
            Three    | CN=pool01 | CN=Paris
            Four     | CN=pool02 | CN=Never there
            Five     | CN=pool02 | -
        """),
    )
    assert rows(frame, "guid", "dn", "identity", "dial_plan") == [
        ("gateways-0", "CN=pool01", "pool01", "CN=London"),
        ("gateways-0", "CN=pool01", "pool01", "CN=Paris"),
    ]
    assert dial_plan_gateways.holder == "gateways"


SERVERS = table("""
    identity | dn      | um_role | version_major | version_minor | startup_mode
    EX16     | CN=EX16 | yes     | 15            | 1             | 2
    EX19     | CN=EX19 | yes     | 15            | 2             | 2
    CAS13    | CN=CAS13 | no     | 15            | 0             | -
""")
ROUTERS = table("""
    identity | dn          | server                | startup_mode
    router16 | CN=router16 | CN=EX16               | 1
    router19 | CN=router19 | CN=EX19               | 1
    routerXX | CN=routerXX | CN=Unseen,CN=Servers  | -
""")


def test_hosts_are_servers_and_call_routers_of_a_release_with_um_named_by_server() -> None:
    frame = built(um_hosts, servers=SERVERS, call_routers=ROUTERS)
    assert rows(frame, "table", "identity", "server_name", "um_role", "startup_mode") == [
        ("servers", "EX16", "EX16", True, 2),
        ("servers", "CAS13", "CAS13", False, None),
        ("call_routers", "router16", "EX16", True, 1),
        ("call_routers", "routerXX", "Unseen", True, None),
    ]


def test_a_server_held_back_takes_no_call_router_away() -> None:
    hidden = visibility.rows(("servers", "startup_mode", "servers-0", State.UNREADABLE, "may not be read"))
    frame = built(um_hosts, hidden, servers=SERVERS, call_routers=ROUTERS)
    assert rows(frame, "table", "server_name") == [
        ("servers", "CAS13"),
        ("call_routers", "EX16"),
        ("call_routers", "Unseen"),
    ]


def test_hosts_have_their_types_even_without_a_row() -> None:
    frame = built(um_hosts)
    assert (str(frame["um_role"].dtype), str(frame["startup_mode"].dtype)) == ("bool", "Int64")


def test_um_contacts_are_enabled_and_stand_for_nothing_else() -> None:
    frame = built(
        um_contacts,
        contacts=table("""
            name     | sip_enabled | line_uri               | owner_urn           | originator_sid | source_object
            Access   | yes         | tel:+1 425 555-0100    | -                   | -              | CN=London, CN=Plans
            Bare     | yes         | -                      | -                   | -              | -
            Disabled | no          | tel:+14255550101       | -                   | -              | -
            Unset    | -           | tel:+14255550102       | -                   | -              | -
            Queue    | yes         | tel:+14255550103       | urn:application:RGS | -              | -
            User     | yes         | tel:+14255550104       | -                   | S-1-5-21-1     | -
        """),
    )
    assert rows(frame, "identity", "number", "source_object") == [
        ("Access", "14255550100", "cn=london,cn=plans"),
        ("Bare", None, None),
    ]


def _judge(
    um_hosts: Annotated[DataFrame, "startup_mode"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plan_numbers: Annotated[DataFrame, "number"],
) -> None:
    """A signature that judges a union beside a child table of one of its inputs, and beside one of no input."""


def test_beside_a_union_the_child_tables_of_its_inputs_hold_back_single_objects_and_others_must_be_whole() -> None:
    def hand(table_name: str, column: str, guid: str) -> object:
        hidden = visibility.rows((table_name, column, guid, State.UNREADABLE, "not seen"))
        written = tables(servers=SERVERS, call_routers=ROUTERS, dial_plans=table("identity\nLondon"))
        view = assess.view_of(written, hidden, target=Target.UM_LYNC, today=TODAY, profile=Profile())
        handed = view.hand(Signature.of(_judge), {})
        return handed.reason if isinstance(handed, Skipped) else (handed.judged, handed.of, handed.notes)

    assert hand("server_dial_plans", "dial_plan", "servers-0") == (3, 4, ("not seen",))
    assert hand("dial_plan_numbers", "number", "dial_plans-0") == "dial_plan_numbers: not seen"


def test_certificates_of_hosts_are_a_table_of_their_own() -> None:
    frame = built(
        um_certificates,
        servers=SERVERS.assign(certificate_thumbprint="0B7C"),
        call_routers=ROUTERS.assign(certificate_thumbprint=["1C8D", "2D9E", None]),
    )
    assert rows(frame, "table", "server_name", "startup_mode", "certificate_thumbprint") == [
        ("servers", "EX16", 2, "0B7C"),
        ("servers", "CAS13", None, "0B7C"),
        ("call_routers", "EX16", 1, "1C8D"),
        ("call_routers", "Unseen", None, None),
    ]
