"""Tells what could not be seen: of tables, from searches, containers and links to the unseen; of values, see unseen_values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas import DataFrame

from adinspect import access, distinguished_name
from adinspect.collect import Collected
from adinspect.frames import frame
from adinspect.query import Query, Type
from adinspect.unseen_values import unseen_values
from adinspect.visibility import State, nothing_hidden, rows

Row = tuple[str, str, str | None, State, str]

EXCHANGE = (
    "dial_plans",
    "gateways",
    "hunt_groups",
    "auto_attendants",
    "mailbox_policies",
    "servers",
    "call_routers",
    "databases",
)
PEOPLE = ("users", "contacts", "groups", "lync_servers")


@dataclass(frozen=True)
class Holder:
    """A kind of container (of this name, where it has one), and the tables whose objects live in it."""

    object_class: str
    tables: tuple[str, ...]
    name: str = ""


HOLDERS = (
    Holder("domainDNS", PEOPLE),
    Holder("organizationalUnit", PEOPLE),
    Holder("container", PEOPLE, "Users"),
    Holder("msExchConfigurationContainer", ("organization", *EXCHANGE)),
    Holder("msExchOrganizationContainer", EXCHANGE),
    Holder("msExchContainer", ("dial_plans",), "UM DialPlan Container"),
    Holder("msExchContainer", ("gateways", "hunt_groups"), "UM IPGateway Container"),
    Holder("msExchContainer", ("auto_attendants",), "UM AutoAttendant Container"),
    Holder("msExchContainer", ("mailbox_policies",), "UM Mailbox Policies"),
    Holder("msExchAdminGroupContainer", ("servers", "call_routers", "databases")),
    Holder("msExchAdminGroup", ("servers", "call_routers", "databases")),
    Holder("msExchServersContainer", ("servers", "call_routers")),
    Holder("msRTCSIP-Service", ("pools", "pool_services", "trusted_services", "sip_domains")),
    Holder("msRTCSIP-Pools", ("pools", "pool_services")),
    Holder("msRTCSIP-GlobalContainer", ("sip_domains",)),
    Holder("msRTCSIP-TrustedServices", ("trusted_services",)),
    Holder("container", ("certification_authorities",), "Public Key Services"),
    Holder("container", ("certification_authorities",), "Certification Authorities"),
    Holder("container", ("certification_authorities",), "AIA"),
)
"""Which containers hold which tables (Exchange 2013 and Lync Server 2013 Active Directory references; certutil -dspublish)."""

CONFIGURED = {
    "cn=microsoft exchange,cn=services": EXCHANGE,
    "cn=rtc service": ("pools", "pool_services", "trusted_services", "sip_domains"),
}
"""What lives below the containers of the products, by a part of their key."""

OFTEN_EMPTY = frozenset({"domainDNS", "organizationalUnit", "container"})
"""Containers that are empty in any forest: showing nothing says nothing."""


def observe(collected: Collected) -> DataFrame:
    """The visibility table of a collection (columns of visibility.VISIBILITY_COLUMNS)."""
    stated = rows(*_searches(collected), *_domains(collected), *_containers(collected), *_closed(collected), *_links(collected))
    told = pd.concat([stated, *unseen_values(collected)], ignore_index=True).astype(nothing_hidden().dtypes)
    return told.sort_values(list(told.columns), ignore_index=True)


def _searches(collected: Collected) -> Iterator[Row]:
    legacy = _legacy_container_unused(collected)
    for searched in collected.searched:
        if searched.state == "complete" or (
            searched.base == "root_domain" and legacy and len(_query(collected, searched.query).bases) > 1
        ):
            continue
        for table in _query(collected, searched.query).tables:
            yield table.name, "", None, State.INCOMPLETE, searched.reason


def _legacy_container_unused(collected: Collected) -> bool:
    """Lync keeps its objects in the configuration or, in old deployments, in the root domain's System container; never both."""
    containers = collected.tables.get("containers")
    if containers is None:
        return False
    services = containers.filter(pc.equal(containers["object_class"], "msRTCSIP-Service"))
    return any("CN=CONFIGURATION," in dn.upper() for dn in services["dn"].to_pylist())


def _domains(collected: Collected) -> Iterator[Row]:
    for domain in collected.unread_domains:
        for pages in collected.pages.values():
            if "domains" in pages.query.bases and pages.query.name != "containers":
                for table in pages.query.tables:
                    yield table.name, "", None, State.INCOMPLETE, f"the domain {domain} was not read"


def _containers(collected: Collected) -> Iterator[Row]:
    if "containers" not in collected.pages or not len(collected.tables["containers"]):
        return
    containers = frame(collected.tables["containers"])
    listing = may_list(collected)
    parents = {distinguished_name.parent(dn) for table in collected.tables.values() for dn in table["dn"].to_pylist()}
    for row in containers.itertuples():
        held = [holder for holder in HOLDERS if holder.object_class == row.object_class and holder.name in ("", row.name)]
        may = listing.get(row.guid)
        shows_nothing = row.dn not in parents and row.object_class not in OFTEN_EMPTY
        if may is False or (may is None and collected.live and row.object_class in OFTEN_EMPTY):
            reason = f"this account may not list {row.dn}"
        elif may is None and shows_nothing:
            reason = f"{row.dn} shows nothing: it is empty, or who read it may not list it"
        else:
            continue
        yield from (
            (table, "", None, State.INCOMPLETE, reason) for holder in held for table in _with_children(collected, holder.tables)
        )


def _closed(collected: Collected) -> Iterator[Row]:
    """What stands below an object that shows not even its class may be hidden altogether."""
    for dn in collected.closed:
        key = distinguished_name.key(dn)
        for part, tables in CONFIGURED.items():
            if part in key:
                named = [holder.tables for holder in HOLDERS if holder.name and holder.name == distinguished_name.rdn_value(dn)]
                held = named[0] if named else tables
                break
        else:
            held = () if "cn=configuration" in key else PEOPLE
        reason = f"this account may not read {dn} and what may stand below it"
        yield from ((table, "", None, State.INCOMPLETE, reason) for table in _with_children(collected, held))


def may_list(collected: Collected) -> Mapping[str, bool | None]:
    """Whether the account may list each container, by guid; None where it cannot be told, no entry without its rights."""
    pages = collected.pages["containers"]
    if not collected.token_sids or not pages.descriptors:
        return {}
    lists = pa.chunked_array(pages.descriptors)
    guids = pa.concat_arrays(pages.guids).to_pylist()
    return {guid: _listable(descriptor, collected.token_sids) for guid, descriptor in zip(guids, lists.to_pylist(), strict=True)}


def _listable(descriptor: bytes | None, account: frozenset[str]) -> bool | None:
    try:
        return None if descriptor is None else access.Rights.of(access.parse_dacl(descriptor), account).may_list()
    except ValueError:
        return None


def _with_children(collected: Collected, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name in collected.pages:
            yield from (table.name for table in collected.pages[name].query.tables)


def _links(collected: Collected) -> Iterator[Row]:
    """A live link names an object that exists: where its table lacks it, the object was not seen ([MS-ADTS] 3.1.1.1.6)."""
    for pages in collected.pages.values():
        for table in pages.query.tables:
            for column in table.columns:
                if column.to in collected.tables and column.type is Type.DN:
                    named = pc.drop_null(collected.tables[table.name][column.name].combine_chunks()).unique()
                    dns = collected.tables[column.to]["dn"].combine_chunks()
                    unknown = [
                        dn
                        for dn in named.filter(pc.invert(pc.is_in(named, value_set=dns))).to_pylist()
                        if not distinguished_name.is_deleted(dn)
                    ]
                    if unknown:
                        reason = (
                            f"{table.name}.{column.name} names {len(unknown)} objects that were not seen, such as {min(unknown)}"
                        )
                        yield from (
                            (child, "", None, State.INCOMPLETE, reason) for child in _with_children(collected, (column.to,))
                        )


def _query(collected: Collected, name: str) -> Query:
    return collected.pages[name].query
