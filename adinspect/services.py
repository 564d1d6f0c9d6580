"""What is no plain user: applications, devices and objects of Exchange UM, with what each becomes in Teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple

import pandas as pd
from pandas import DataFrame, Series

from adinspect import recipients, side, topology, voice
from adinspect.asking import Asking
from adinspect.rules import endpoints as urns


class Kind(StrEnum):
    """What an object is today."""

    FAX = "user who receives faxes"
    ANALOG = "analog telephone or fax"
    COMMON_AREA = "common area phone"
    ROOM = "meeting room"
    APPLICATION = "response group or other application"
    UM_CONTACT = "contact for subscriber access or an auto attendant"
    REMOTE_CALL_CONTROL = "user with remote call control"
    PRIVATE_LINE = "user with a private line"
    HYBRID = "hybrid application endpoint"
    DISABLED = "disabled account, enabled for voice"
    AUTO_ATTENDANT = "UM auto attendant"
    ACCESS = "Outlook Voice Access number"
    DIAL_PLAN = "UM dial plan"
    HUNT_GROUP = "UM hunt group"
    GATEWAY = "UM IP gateway"
    POLICY = "UM mailbox policy"
    WORKFLOW = "response group workflow"
    ORBIT = "call park orbit"
    UNASSIGNED = "range of unassigned numbers"
    LYNC_DIAL_PLAN = "Lync dial plan"
    VOICE_POLICY = "voice policy"
    ROUTE = "voice route"


class Becomes(NamedTuple):
    """What an object becomes, and what somebody has to do for it."""

    tomorrow: str
    work: str


BECOMES: Mapping[Kind, Becomes] = {
    Kind.FAX: Becomes("a fax service of a third party", "Choose the service, and port or route the fax numbers to it."),
    Kind.ANALOG: Becomes(
        "nothing in Teams", "Route the number to an adapter at the session border controller, or a fax service."
    ),
    Kind.COMMON_AREA: Becomes("an account with a licence for shared devices", "Make the account; it has no voice mail."),
    Kind.ROOM: Becomes("Teams Rooms", "License the room, and check that its device can run Teams Rooms."),
    Kind.APPLICATION: Becomes(
        "a call queue or auto attendant with a resource account", "Export members, hours and prompts; rebuild."
    ),
    Kind.UM_CONTACT: Becomes("nothing", "Delete it once its auto attendant is rebuilt; subscriber access ends."),
    Kind.REMOTE_CALL_CONTROL: Becomes("nothing", "Decide: a number in Teams, or the telephone of the PBX alone."),
    Kind.PRIVATE_LINE: Becomes("nothing", "Decide: a second account, or a call queue with that number."),
    Kind.HYBRID: Becomes("a resource account made online", "Make it anew online before hybrid is switched off."),
    Kind.DISABLED: Becomes("nothing", "Take the number back, or enable the account."),
    Kind.AUTO_ATTENDANT: Becomes(
        "an auto attendant with a resource account", "Rebuild menus, hours and holidays; record prompts anew."
    ),
    Kind.ACCESS: Becomes("nothing", "Outlook Voice Access ends; the number becomes free."),
    Kind.DIAL_PLAN: Becomes("nothing", "Delete it last, when nobody is enabled for UM."),
    Kind.HUNT_GROUP: Becomes("nothing", "Delete it with its UM dial plan; the pilot number becomes free."),
    Kind.GATEWAY: Becomes("nothing", "Delete it with its UM dial plan."),
    Kind.POLICY: Becomes("a voice mail policy", "Carry the settings over that Cloud Voicemail has."),
    Kind.WORKFLOW: Becomes("a call queue or auto attendant", "Export queues, agents and hours; rebuild."),
    Kind.ORBIT: Becomes("a call park policy", "Define it; users get the new codes."),
    Kind.UNASSIGNED: Becomes("a treatment of unassigned numbers", "New-CsTeamsUnassignedNumberTreatment"),
    Kind.LYNC_DIAL_PLAN: Becomes("a tenant dial plan", "Enter its normalization rules again."),
    Kind.VOICE_POLICY: Becomes(
        "an online voice routing policy and a calling policy", "Direct Routing only: PSTN usages and routes too."
    ),
    Kind.ROUTE: Becomes("an online voice route", "Direct Routing only."),
}
"""What becomes of each (Teams Phone, "Plan your Teams voice solution"; Plan Cloud auto attendants and call queues; Plan Cloud
Voicemail; Configure on-premises resource accounts)."""

_TOLD: Mapping[str, Becomes] = {
    "Enterprise Voice, homed on-premises": Becomes(
        "Teams Phone with a number of Direct Routing, Operator Connect or a Calling Plan", "License, move, assign the number."
    ),
    "Exchange UM": Becomes("Cloud Voicemail", "Greetings are recorded anew; Outlook Voice Access and PINs end."),
    "Faxes by Exchange UM": Becomes("a fax service of a third party", "See the sheet Exceptions."),
    "Mailbox on-premises": Becomes(
        "Exchange Online, or hybrid with OAuth", "Move the mailbox, or set hybrid up: see the rules MIG-009."
    ),
}
_UNTOLD = [
    ("Delegates, team calls, forwarding", None, "set by each user in Teams", "Not in the directory: users enter it again."),
    ("Telephones and headsets in use", None, "devices certified for Teams", "Not in the directory: take stock of them."),
]
PEOPLE = ("today", "objects", "tomorrow", "work")

OBJECT = ["guid", "dn", "identity"]
EXCEPTIONS = ("kind", "identity", "value", "tomorrow", "work", "dn", "guid")
MAPPING = ("kind", "identity", "value", "tomorrow", "work", "dn", "guid")
REBUILD = (Kind.AUTO_ATTENDANT, Kind.APPLICATION, Kind.WORKFLOW, Kind.COMMON_AREA, Kind.ANALOG, Kind.ROOM, Kind.HYBRID)
"""What somebody has to build anew."""

_SIDE: Mapping[Kind, tuple[str, str]] = {
    Kind.WORKFLOW: ("cs_rgs", "line_uri"),
    Kind.ORBIT: ("cs_callpark", "start"),
    Kind.UNASSIGNED: ("cs_unassigned", "start"),
    Kind.LYNC_DIAL_PLAN: ("cs_dialplans", "rules"),
    Kind.VOICE_POLICY: ("cs_voicepolicies", "usages"),
    Kind.ROUTE: ("cs_voiceroutes", "gateways"),
}
"""What only a side input tells of, with the column that says most."""


def exceptions(asking: Asking) -> DataFrame:
    """One row for each user, contact or device that does not move as a plain user does (EXCEPTIONS)."""
    builders: tuple[Callable[..., DataFrame], ...] = (_faxes, _endpoints, _um_contacts, _remote, _private_lines, _disabled)
    return _becoming([asking.rows("exceptions", one, ["kind", *OBJECT, "value"]) for one in builders])


def mapping(asking: Asking) -> DataFrame:
    """One row for each object that has a counterpart in Teams or none (MAPPING), and what to do for it.

    Of what no directory holds, the rows of the side inputs; where one was not supplied, `limits` says so.
    """
    builders = (_access, _dial_plans, _hunt_groups, _gateways, _policies, _um_contacts)
    built = [asking.rows(kind.value, one, ["kind", *OBJECT, "value"]) for kind, one in _BUILT.items()]
    parts = [asking.rows("target_mapping", one, ["kind", *OBJECT, "value"]) for one in builders]
    return _becoming([*built, *parts, *_supplied(asking)])


def rebuild(asking: Asking, mapped: DataFrame) -> DataFrame:
    """How many of each kind of service are to be built anew (kind, objects, tomorrow), after `mapping`.

    `objects` is missing where none was seen and there may be some; `tomorrow` says so.
    """
    lacking = asking.told().groupby("table")["why"].agg("; ".join).to_dict()
    lines = []
    for kind in REBUILD:
        count = int((mapped["kind"] == kind).sum())
        why = lacking.get(kind.value if kind in (*_BUILT, *_SIDE) else Kind.APPLICATION.value, "")
        lines.append((kind.value, count if count or not why else None, "; ".join(filter(None, (BECOMES[kind].tomorrow, why)))))
    typed = {"kind": "str", "objects": "Int64", "tomorrow": "str"}
    return DataFrame(lines, columns=list(typed)).astype(typed)


def people(asking: Asking) -> DataFrame:
    """What becomes of what users have (PEOPLE); `objects` is missing where nothing that was read tells."""
    told = asking.rows("user_mapping", _people, PEOPLE)
    return pd.concat([told, DataFrame(_UNTOLD, columns=list(PEOPLE))], ignore_index=True).astype({"objects": "Int64"})


def _people(
    users: Annotated[DataFrame, "enterprise_voice", "um_enabled", "um_fax", "mailbox_database", "deployment_locator?"],
) -> DataFrame:
    here = ~voice.online(users)
    counts = (
        users["enterprise_voice"] & here,
        users["um_enabled"],
        users["um_enabled"] & users["um_fax"],
        users["mailbox_database"].notna(),
    )
    lines = [(today, int(holds.sum()), *becomes) for (today, becomes), holds in zip(_TOLD.items(), counts, strict=True)]
    return DataFrame(lines, columns=list(PEOPLE))


def _becoming(parts: list[DataFrame]) -> DataFrame:
    rows = pd.concat([part.astype("str") for part in parts], ignore_index=True)
    told = rows.assign(
        tomorrow=[BECOMES[Kind(kind)].tomorrow for kind in rows["kind"]], work=[BECOMES[Kind(kind)].work for kind in rows["kind"]]
    )
    order = told["kind"].map({kind.value: place for place, kind in enumerate(Kind)})
    ordered = told.assign(order=order).sort_values(["order", "identity", "guid"], kind="stable", ignore_index=True)
    return ordered.reindex(columns=list(EXCEPTIONS)).astype("str")


def _rows(rows: DataFrame, kind: Kind, value: Series) -> DataFrame:
    return rows[OBJECT].assign(kind=kind.value, value=value)


def _faxes(users: Annotated[DataFrame, "um_enabled", "um_fax", "um_fax_id?"]) -> DataFrame:
    faxing = users[users["um_enabled"] & users["um_fax"]]
    return _rows(faxing, Kind.FAX, faxing["um_fax_id"])


def _endpoints(endpoints: Annotated[DataFrame, "owner_urn", "application_options", "line_uri?", "room"]) -> DataFrame:
    urn = endpoints["owner_urn"].str.lower()
    begins = {
        Kind.APPLICATION: urn.str.startswith(urns.APPLICATION, na=False),
        Kind.COMMON_AREA: urn.str.startswith(urns.COMMON_AREA_PHONE, na=False),
        Kind.ANALOG: urn.str.startswith(urns.ANALOG_DEVICES, na=False),
        Kind.ROOM: urn.str.startswith(urns.ROOM_SYSTEM, na=False) | endpoints["room"],
        Kind.HYBRID: urn.str.startswith(urns.HYBRID_APPLICATION, na=False)
        | endpoints["application_options"].eq(urns.HYBRID_OPTIONS).fillna(False),
    }
    kind = Series(None, endpoints.index, dtype="str")
    for one, holds in begins.items():
        kind = kind.mask(holds.astype(bool), one.value)
    known = endpoints[kind.notna()]
    value = known["line_uri"].fillna("no line") + (" (" + known["owner_urn"] + ")").fillna("")
    return known[OBJECT].assign(kind=kind, value=value)


def _um_contacts(um_contacts: Annotated[DataFrame, "number"]) -> DataFrame:
    return _rows(um_contacts, Kind.UM_CONTACT, um_contacts["number"])


def _remote(users: Annotated[DataFrame, "remote_call_control", "remote_call_dual", "line_server?", "line_uri?"]) -> DataFrame:
    controlled = users[voice.remote_call_control(users) | users["line_server"].notna()]
    return _rows(controlled, Kind.REMOTE_CALL_CONTROL, controlled["line_uri"])


def _private_lines(users: Annotated[DataFrame, "private_line"]) -> DataFrame:
    private = users[users["private_line"].notna()]
    return _rows(private, Kind.PRIVATE_LINE, private["private_line"])


def _disabled(
    users: Annotated[DataFrame, "account_disabled", "sip_enabled", "um_enabled", "recipient_type", "line_uri?"],
) -> DataFrame:
    by_design = recipients.of_type(users, recipients.RecipientType.LINKED, *recipients.IMPERSONAL)
    enabled = users["sip_enabled"].fillna(False).astype(bool) | users["um_enabled"]
    left = users[users["account_disabled"] & enabled & ~by_design]
    return _rows(left, Kind.DISABLED, left["line_uri"])


def _auto_attendants(
    auto_attendants: Annotated[DataFrame, "language?", "operator_extension?", "business_hours?"],
    auto_attendant_numbers: Annotated[DataFrame, "number"],
    auto_attendant_holidays: Annotated[DataFrame, "holiday?"],
) -> DataFrame:
    numbers = topology.listed(auto_attendant_numbers, "number", auto_attendants["guid"])
    holidays = auto_attendants["guid"].map(auto_attendant_holidays["guid"].value_counts()).fillna(0).astype(int)
    told = numbers.fillna("no number") + "; holidays: " + holidays.astype("str")
    told += ("; operator: " + auto_attendants["operator_extension"]).fillna("")
    return _rows(auto_attendants, Kind.AUTO_ATTENDANT, told)


def _access(dial_plan_numbers: Annotated[DataFrame, "number"]) -> DataFrame:
    return _rows(dial_plan_numbers, Kind.ACCESS, dial_plan_numbers["number"])


def _dial_plans(dial_plans: Annotated[DataFrame, "phone_context"]) -> DataFrame:
    return _rows(dial_plans, Kind.DIAL_PLAN, dial_plans["phone_context"])


def _hunt_groups(hunt_groups: Annotated[DataFrame, "pilot"]) -> DataFrame:
    return _rows(hunt_groups, Kind.HUNT_GROUP, hunt_groups["pilot"])


def _gateways(gateways: Annotated[DataFrame, "address"]) -> DataFrame:
    return _rows(gateways, Kind.GATEWAY, gateways["address"])


def _policies(mailbox_policies: Annotated[DataFrame, "dial_plan"], dial_plans: Annotated[DataFrame, "dn", ...]) -> DataFrame:
    plan = mailbox_policies["dial_plan"].map(dial_plans.set_index("dn")["identity"]).astype("str")
    return _rows(mailbox_policies, Kind.POLICY, plan)


_BUILT: Mapping[Kind, Callable[..., DataFrame]] = {Kind.AUTO_ATTENDANT: _auto_attendants, Kind.APPLICATION: _endpoints}
"""What is built anew of the directory's objects, by the kind that names the function's limits."""


def _supplied(asking: Asking) -> Iterator[DataFrame]:
    for kind, (table, column) in _SIDE.items():
        if table not in asking.view.tables:
            asking.limits.append((kind.value, side.lacking(table)))
            continue
        rows = asking.view.tables[table]
        yield _rows(rows, kind, rows[column].astype("str"))
