"""Rules about a user's numbers: whether they agree with one another, and what Teams has to take over."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, topology
from adinspect.derived import joined
from adinspect.derived.numbers import PRIVATE_LINE
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule


@rule(
    "CNS-017",
    Severity.MEDIUM,
    Target.UM_LYNC,
    source="SEED note (msRTCSIP-Line), X-EUM",
    wave=Wave.ORGANIZATION,
    needs=Need.EXCHANGE,
)
def extensions_disagree(
    um_users: Annotated[DataFrame, "um_here", "sip_uri", "extension_digits"],
    users: Annotated[DataFrame, "line_uri"],
    eum_addresses: Annotated[DataFrame, "address", "primary", "kind", "own"],
) -> DataFrame:
    """Line {line_uri} of {identity} has the extension {expected}, but in Exchange UM the user has {extensions}.

    A call that is not answered is handed over with the number of the line, and the caller's name is looked up by it. Without
    ;ext, the extension of a line is its last digits, as many as the UM dial plan has.

    Remediation: Correct the line or the EUM address.
    Cmdlet: Set-CsUser -LineURI | Set-Mailbox -EmailAddresses
    """
    both = joined(um_users, users)
    # a line of another form is a fault of its own
    both = both[both["um_here"] & addresses.matches(both["line_uri"], addresses.E164_URI)]
    judged = both.assign(expected=_expected(both)).dropna(subset="expected")
    held = eum_addresses[eum_addresses["own"] & (eum_addresses["kind"] == "extension")]
    pairs = held.merge(judged[["guid", "sip_uri", "expected"]], on="guid")
    right = pairs.loc[pairs["address"] == pairs["expected"], "guid"]
    # an extension as primary address of a SIP URI plan is wrong as such
    counted = pairs[~(pairs["primary"] & pairs["sip_uri"])]
    found = judged[among(judged["guid"], counted["guid"]) & ~among(judged["guid"], right)]
    extensions = topology.listed(counted, "address", found["guid"])
    return found.assign(extensions=extensions, evidence_line_uri=found["line_uri"], evidence_extensions=extensions)


def _expected(users: DataFrame) -> Series:
    """The extension of each line: what it says, else its last digits; missing where it has fewer, or the plan does not say."""
    parts = addresses.number(users["line_uri"])
    digits = parts["base"].str.removeprefix("+")
    wanted = users["extension_digits"].fillna(0)
    last = [line[-most:] if 0 < most <= len(line) else None for line, most in zip(digits, wanted, strict=True)]
    return parts["extension"].where(parts["extension"] != "", Series(last, users.index, dtype=digits.dtype))


@rule("CNS-018", Severity.LOW, source="practice")
def telephone_number_different(users: Annotated[DataFrame, "telephone_number", "line_uri"]) -> DataFrame:
    """Telephone number {telephone_number} of {identity} is not the number of its line, {line_uri}.

    The address book shows one number and another rings. Only a number written with its country code is compared.

    Remediation: Correct it where it comes from, such as the staff database.
    Cmdlet: Set-ADUser -OfficePhone
    """
    # a line of another form is a fault of its own
    lines = users[addresses.matches(users["line_uri"], addresses.E164_URI)]
    base, written = addresses.number(lines["line_uri"])["base"], lines["telephone_number"]
    without_trunk = addresses.international(written)
    # in Italy and elsewhere the zero in brackets belongs to the number
    with_trunk = addresses.international(written.str.replace("(0)", "0", regex=False))
    return lines[without_trunk.notna() & (without_trunk != base) & (with_trunk != base)]


@rule("CNS-024", Severity.MEDIUM, Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE, source="T-NUM", wave=Wave.DECIDE)
def private_line_present(numbers: Annotated[DataFrame, "source", "value", "others"]) -> DataFrame:
    """{identity} has a private line, {value}.

    In Teams a second number is an assignment of its own, of category Private.

    Remediation: Take stock of private lines, and decide who keeps one.
    Cmdlet: Set-CsPhoneNumberAssignment -AssignmentCategory Private
    """
    found = numbers[(numbers["source"] == PRIVATE_LINE) & (numbers["table"] == "users")]
    shared = found["others"].notna()
    return found.assign(
        severity=shared.map({True: Severity.HIGH.value, False: Severity.MEDIUM.value}),
        because=("its number is also assigned to " + found["others"]).where(shared, ""),
        evidence_private_line=found["value"],
    )


@rule("CNS-026", Severity.LOW, Target.UM_LYNC, Target.SFB_CLOUD_VOICEMAIL, source="MSXFAQ", wave=Wave.DECIDE)
def audio_video_off(users: Annotated[DataFrame, "enterprise_voice", "audio_video_disabled"]) -> DataFrame:
    """{identity} is enabled for Enterprise Voice, but audio and video are off.

    The user can place no call.

    Remediation: Find out why they were turned off, and turn them on.
    Cmdlet: Set-CsUser -AudioVideoDisabled $false
    """
    found = users[users["enterprise_voice"] & users["audio_video_disabled"]]
    bit = "it is read from bit 2048 of msRTCSIP-OptionFlags, whose meaning Microsoft does not document"
    return found.assign(certainty=Certainty.LIKELY.value, because=bit)
