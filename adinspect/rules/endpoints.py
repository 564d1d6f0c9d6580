"""Applications, devices and meeting rooms in Lync: what each becomes in Teams."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect.finding import Severity, Target, Wave
from adinspect.rule import rule

APPLICATION = "urn:application:"
COMMON_AREA_PHONE = "urn:device:commonareaphone"
ANALOG_DEVICES = ("urn:device:analogphone", "urn:device:analogfax")
ROOM_SYSTEM = "urn:device:roomsystem"
HYBRID_APPLICATION = "urn:trustedonlineplatformapplication:"

HYBRID_OPTIONS = 256
"""Value of msRTCSIP-ApplicationOptions that marks a hybrid application endpoint (Configure on-premises resource accounts)."""

CLOUD = (Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE)


@rule("MIG-013", Severity.MEDIUM, *CLOUD, source="T-MAP")
def application_endpoint(endpoints: Annotated[DataFrame, "owner_urn", "line_uri?"]) -> DataFrame:
    """{identity} is an application of Lync ({owner_urn}) with the line {line_uri}, and must be built anew.

    A response group becomes a call queue, the conferencing attendant an auto attendant or nothing. Members, workflows and hours
    are kept in SQL Server, not in the directory.

    Remediation: Export what the application does, then build it anew in Teams.
    Cmdlet: New-CsCallQueue; New-CsAutoAttendant
    """
    return endpoints[_begins(endpoints, APPLICATION)]


@rule("MIG-014", Severity.MEDIUM, *CLOUD, source="T-MAP")
def common_area_phone(endpoints: Annotated[DataFrame, "owner_urn", "line_uri?"]) -> DataFrame:
    """{identity} is a common area phone with the line {line_uri}.

    In Teams it needs an account of its own with a licence for shared devices, and has no voice mail.

    Remediation: Create the account and assign the number to it.
    Cmdlet: New-MgUser; Set-CsPhoneNumberAssignment
    """
    return endpoints[_begins(endpoints, COMMON_AREA_PHONE)]


@rule("MIG-015", Severity.MEDIUM, *CLOUD, source="T-MAP")
def analog_device(endpoints: Annotated[DataFrame, "owner_urn", "line_uri?"]) -> DataFrame:
    """{identity} is an analog telephone or fax ({owner_urn}) with the line {line_uri}.

    Teams has no object for it: its number is routed by the session border controller to an adapter, or by the SIP gateway.

    Remediation: Design where the number is to lead.
    Cmdlet: (session border controller)
    """
    return endpoints[_begins(endpoints, *ANALOG_DEVICES)]


@rule("MIG-016", Severity.MEDIUM, Target.TEAMS_PHONE, source="T-MAP", wave=Wave.DECIDE)
def meeting_room(endpoints: Annotated[DataFrame, "owner_urn", "room"]) -> DataFrame:
    """{identity} is a meeting room that is enabled for Lync / Skype for Business.

    It needs a licence for Teams Rooms, and a device that can run it.

    Remediation: Plan licence and device of the room.
    Cmdlet: Set-CsMeetingRoom; Teams Rooms
    """
    device = _begins(endpoints, ROOM_SYSTEM)
    because = device.map({True: "it is a room system", False: "it is the mailbox of a room, enabled for Lync"})
    return endpoints.assign(because=because)[device | endpoints["room"]]


@rule("MIG-017", Severity.HIGH, Target.TEAMS_PHONE, source="H-RA")
def hybrid_application_endpoint(
    endpoints: Annotated[DataFrame, "owner_urn", "application_options", "line_uri?"],
) -> DataFrame:
    """{identity} is a resource account that was made on-premises, with the line {line_uri}.

    Teams knows its number through directory synchronization only: it must be made anew online before hybrid is disabled.

    Remediation: Create the resource account online with the number, then remove this one.
    Cmdlet: New-CsOnlineApplicationInstance; Remove-CsHybridApplicationEndpoint
    """
    marked = endpoints["application_options"].eq(HYBRID_OPTIONS).fillna(False).astype(bool)
    return endpoints[_begins(endpoints, HYBRID_APPLICATION) | marked]


def _begins(endpoints: DataFrame, *urns: str) -> Series:
    return endpoints["owner_urn"].str.lower().str.startswith(urns, na=False).astype(bool)
