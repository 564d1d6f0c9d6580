"""The move of users to Teams: what of their place in Lync stands in its way."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import voice
from adinspect.finding import Severity, Target, Wave
from adinspect.rule import rule
from adinspect.sites import NumbersManaged, NumberType


@rule(
    "MIG-002",
    Severity.HIGH,
    Target.TEAMS_PHONE,
    source="CMDLET Set-CsPhoneNumberAssignment, H-CONS",
    wave=Wave.FIX,
    csv=("26_cs_line_clear", "41_teams_number"),
)
def line_uri_blocks_assignment(users: Annotated[DataFrame, "line_uri"], numbers_managed: NumbersManaged) -> DataFrame:
    """Line URI {line_uri} of {identity} keeps Teams from assigning it a number.

    A number that synchronization brings from the directory cannot be set in the cloud. Where numbers stay managed in the
    directory (`numbers_managed` is directory), a line is as it should be, and nobody is named.

    Remediation: After the move, clear the line URI and leave Enterprise Voice on, let it synchronize, then assign the number.
    Cmdlet: Set-CsUser -LineURI $null; Set-CsPhoneNumberAssignment
    """
    return users[users["line_uri"].notna() & (numbers_managed is NumbersManaged.TEAMS)]


@rule("MIG-003", Severity.INFO, Target.TEAMS_PHONE, source="CMDLET Grant-CsTeamsUpgradePolicy", csv="40_cs_user_move")
def homed_on_premises(
    users: Annotated[DataFrame, "sip_enabled", "deployment_locator?", "pool_service"],
) -> DataFrame:
    """{identity} is still homed on-premises.

    Teams can only take over a user who was moved: the upgrade policy cannot be granted before.

    Remediation: Move the user.
    Cmdlet: Move-CsUser -Target sipfed.online.lync.com
    """
    return users[users["sip_enabled"].fillna(False).astype(bool) & voice.on_premises(users)]


@rule("MIG-007", Severity.HIGH, Target.TEAMS_PHONE, source="CMDLET Set-CsPhoneNumberAssignment", wave=Wave.DECIDE)
def extension_not_assignable(users: Annotated[DataFrame, "line_uri"], number_type: NumberType) -> DataFrame:
    """Line URI {line_uri} of {identity} has an extension, which a number of type {number_type} cannot have.

    Only Direct Routing takes numbers with ;ext=.

    Remediation: Give the user a direct number, or use Direct Routing for it.
    Cmdlet: Set-CsPhoneNumberAssignment -PhoneNumberType DirectRouting
    """
    extension = users["line_uri"].str.lower().str.contains(";ext=", regex=False, na=False).astype(bool)
    return users[extension & (number_type is not NumberType.DIRECT_ROUTING)]


@rule("MIG-018", Severity.MEDIUM, Target.TEAMS_PHONE, source="T-UPG", wave=Wave.DECIDE)
def conferencing_provider_left(users: Annotated[DataFrame, "conferencing_provider"]) -> DataFrame:
    """{identity} still has the conferencing data of a third-party audio provider.

    Such providers are gone from Teams: who dials in to meetings needs a licence for Audio Conferencing before the move.

    Remediation: Remove the data, and assign the licence.
    Cmdlet: Remove-CsUserAcp
    """
    return users[users["conferencing_provider"]]
