"""Rules about what was left behind: by Lync, by Exchange UM, and by one kind of voice mail beside the other."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import addresses, voice
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule
from adinspect.wording import told

UM_DISABLE, HOSTED_SET = "29_um_mailbox_disable", "25_cs_hostedvm_set"


@rule(
    "CNS-019",
    Severity.HIGH,
    Target.UM_LYNC,
    Target.SFB_CLOUD_VOICEMAIL,
    source="L-HOST",
    wave=Wave.DECIDE,
    csv=(UM_DISABLE, HOSTED_SET),
    needs=Need.EXCHANGE,
)
def voice_mail_twice(
    users: Annotated[DataFrame, "um_enabled", "object_class", "deployment_locator?"],
    voice_mail_settings: Annotated[DataFrame, "setting"],
    proxy_addresses: Annotated[DataFrame, "address"],
    target: Target,
) -> DataFrame:
    """{identity} has hosted voice mail, and beside it {um}.

    Hosted voice mail wins: calls go to the cloud, and what is in Exchange UM is reached no more.

    Remediation: For cloud voice mail, disable Unified Messaging first and set hosted voice mail after it, in this order, because
    disabling empties the setting. For Exchange UM, clear hosted voice mail. Exchange sets ExchangeHostedVoiceMail=1 by itself:
    decide before it is changed.
    Cmdlet: Disable-UMMailbox; Set-CsUser -HostedVoiceMail $true | Set-CsUser -HostedVoiceMail $null
    """
    hosted = users[voice.hosted_voice_mail(users, voice_mail_settings) & ~voice.online(users) & ~voice.mailbox_elsewhere(users)]
    eum = proxy_addresses.loc[addresses.is_eum(proxy_addresses["address"]), "guid"]
    um = told({"Unified Messaging": hosted["um_enabled"], "EUM addresses": among(hosted["guid"], eum)}, hosted)
    found = hosted.assign(um=um)[um != ""]
    mark = voice_mail_settings["setting"].str.lower() == "exchangehostedvoicemail=1"
    marked = among(found["guid"], voice_mail_settings.loc[mark, "guid"])
    cloud = target is Target.SFB_CLOUD_VOICEMAIL
    # only a user with Unified Messaging can be disabled for it
    fixable = ~marked & found["um_enabled"] & cloud
    files = (UM_DISABLE, HOSTED_SET) if cloud else (HOSTED_SET,)
    written = fixable if cloud else ~marked
    return found.assign(
        because=marked.map({True: "ExchangeHostedVoiceMail=1, the mark of Exchange itself, is set", False: ""}),
        wave=fixable.map({True: Wave.FIX.value, False: Wave.DECIDE.value}),
        csv=[files if one else () for one in written],
    )


@rule("CNS-020", Severity.MEDIUM, source="H-CONS", wave=Wave.DECIDE, needs=Need.LYNC_NOT_ELSEWHERE)
def lync_left_over(
    users: Annotated[DataFrame, "sip_enabled", "line_uri", "enterprise_voice", "pool_service", "deployment_locator"],
) -> DataFrame:
    """{identity} is not enabled for Lync / Skype for Business, but keeps {left}.

    A number looks free and still cannot be assigned, and what is synchronized to Entra ID keeps Teams from assigning one.
    Disable-CsUser leaves the deployment locator behind.

    Remediation: Clear the line; a deployment locator that remains is cleared in Active Directory, as Microsoft describes.
    Cmdlet: Set-CsUser -LineURI $null
    """
    idle = users[~users["sip_enabled"].fillna(False).astype(bool)]
    kept = {
        "a line": idle["line_uri"].notna(),
        "Enterprise Voice": idle["enterprise_voice"],
        "a home pool": idle["pool_service"].notna(),
    }
    more, locator = told(kept, idle) != "", idle["deployment_locator"].notna()
    left = told({**kept, "a deployment locator": locator}, idle)
    severity = more.map({True: Severity.MEDIUM.value, False: Severity.LOW.value})
    return idle.assign(left=left, severity=severity)[left != ""]


@rule("CNS-021", Severity.MEDIUM, source="CMDLET Disable-UMMailbox", needs=Need.EXCHANGE)
def um_left_over(
    users: Annotated[DataFrame, "um_enabled", "um_dial_plan", "um_mailbox_policy", "object_class"],
    proxy_addresses: Annotated[DataFrame, "address"],
) -> DataFrame:
    """{identity} is not enabled for Unified Messaging, but keeps {left}.

    The extension stays reserved. EUM addresses alone may be there on purpose, so that Exchange UM knows the caller's name.

    Remediation: Remove what was left, unless it is there for caller ID.
    Cmdlet: Set-Mailbox -EmailAddresses @{Remove="eum:..."}
    """
    idle = users[~users["um_enabled"] & ~voice.mailbox_elsewhere(users)]
    eum = proxy_addresses[addresses.is_eum(proxy_addresses["address"])]
    kept = {
        "the link to a UM dial plan": idle["um_dial_plan"].notna(),
        "the link to a UM mailbox policy": idle["um_mailbox_policy"].notna(),
    }
    linked = told(kept, idle) != ""
    left = told({**kept, "EUM addresses": among(idle["guid"], eum["guid"])}, idle)
    purpose = "addresses without links may be there for caller ID, which Active Directory does not say"
    return idle.assign(
        left=left,
        certainty=linked.map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
        because=linked.map({True: "", False: purpose}),
    )[left != ""]
