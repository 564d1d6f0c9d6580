"""The move of users to Teams: what of their place in Lync stands in its way."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import voice
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.rule import Skipped, rule
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
def extension_not_assignable(
    users: Annotated[DataFrame, "line_uri"],
    line_ranges: Annotated[DataFrame, "number_type"],
    number_type: NumberType | None = None,
) -> DataFrame | Skipped:
    """Line URI {line_uri} of {identity} has an extension, which a number of type {kind} cannot have.

    Only Direct Routing takes numbers with ;ext=. Of which type a number is then, its range in the profile says, else
    `number_type`; where neither does, it may be of one that takes none, and the user is named as likely. Where the profile names
    no type at all, the rule is skipped.

    Remediation: Give the user a direct number, or use Direct Routing for it.
    Cmdlet: Set-CsPhoneNumberAssignment -PhoneNumberType DirectRouting
    """
    if number_type is None and line_ranges["number_type"].isna().all():
        return Skipped("the profile does not say number_type ([rules.MIG-007]), nor does a [[range]] that a line lies in")
    rows = users[users["line_uri"].str.lower().str.contains(";ext=", regex=False, na=False).astype(bool)]
    of_range = rows["guid"].map(line_ranges["number_type"].set_axis(line_ranges["guid"]))
    kind = of_range.astype(object).where(of_range.notna(), number_type and number_type.value)
    untold = kind.isna()
    return rows.assign(
        kind=kind.where(~untold, "CallingPlan or OperatorConnect"),
        certainty=untold.map({True: Certainty.LIKELY.value, False: Certainty.CERTAIN.value}),
        because=untold.map({True: "the profile does not say of which type the number is then (number_type)", False: ""}),
        evidence_number_type=kind,
    )[kind != NumberType.DIRECT_ROUTING.value]


@rule("MIG-018", Severity.MEDIUM, Target.TEAMS_PHONE, source="T-UPG", wave=Wave.DECIDE)
def conferencing_provider_left(users: Annotated[DataFrame, "conferencing_provider"]) -> DataFrame:
    """{identity} still has the conferencing data of a third-party audio provider.

    Such providers are gone from Teams: who dials in to meetings needs a licence for Audio Conferencing before the move.

    Remediation: Remove the data, and assign the licence.
    Cmdlet: Remove-CsUserAcp
    """
    return users[users["conferencing_provider"]]
