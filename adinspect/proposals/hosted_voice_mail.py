"""CSVs that send unanswered calls of users on-premises to hosted voice mail, or bring them back to Exchange UM."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame, Series

from adinspect import addresses, voice
from adinspect.finding import Target
from adinspect.membership import among
from adinspect.proposals import everybody, proposes, reviewed, sent
from adinspect.proposals.lync_policies import TAG, named
from adinspect.proposals.lync_users import NOT_SUPPLIED, with_voice
from adinspect.rules.cloud_voicemail import CLOUD_VOICEMAIL
from adinspect.step import AFTER, NULL, REASON, REVIEW, WHY

GRANT, SET, UM_DISABLE = "24_cs_hostedvm_grant", "25_cs_hostedvm_set", "29_um_mailbox_disable"

MARK = "exchangehostedvoicemail=1"
"""Set by Exchange itself, and never changed automatically."""

CLEARED = (
    "is a decision, because calls go to hosted voice mail now: approve, and they go to Exchange UM; or leave it, and disable UM"
)
NOTHING_LEFT = "is a decision, because Unified Messaging is off: approve, and the user has no voice mail until it is on"


@proposes(GRANT, unasked=True)
def cs_hostedvm_grant(
    users: Annotated[DataFrame, "enterprise_voice", "deployment_locator?", "object_class"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    placements: Annotated[DataFrame, "site", "hosted_voicemail_policy"],
    lync_users: Annotated[DataFrame | None, "hosted_voice_mail_policy"],
    cs_hostedvm: Annotated[DataFrame | None, "scope", "destination", "organization"],
) -> DataFrame:
    """The hosted voice mail policy of the site, which leads to Cloud Voicemail, for who has none that does, or another one."""
    chosen = chosen_for(users, findings, GRANT)
    rows = policies_for(chosen, placements, lync_users, cs_hostedvm)
    rows = rows[rows["to_grant"]].reset_index(drop=True)
    wish = rows["PolicyName"]
    astray = wish.notna() & ~rows["wish_leads"]
    doubts = {
        "the profile gives the user no hosted voice mail policy (hosted_voicemail_policy of a [[site]]), and none that leads to "
        "Cloud Voicemail is known to apply": wish.isna(),
        "which policies lead to Cloud Voicemail is not known: supply cs-hostedvm.csv": everybody(rows, cs_hostedvm is None),
        f"cs-hostedvm.csv shows no such policy with the destination {CLOUD_VOICEMAIL} and an organization": (
            astray & (cs_hostedvm is not None)
        ),
        NOT_SUPPLIED: everybody(rows, lync_users is None),
    }
    return reviewed(rows, {"PolicyName": doubts})


@proposes(SET, unasked=True)
def cs_hostedvm_set(
    users: Annotated[DataFrame, "enterprise_voice", "deployment_locator?", "object_class", "um_enabled"],
    findings: Annotated[DataFrame, "rule", "csv", "waived"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    proxy_addresses: Annotated[DataFrame, "address"],
    placements: Annotated[DataFrame, "site", "hosted_voicemail_policy"],
    lync_users: Annotated[DataFrame | None, "hosted_voice_mail_policy"],
    cs_hostedvm: Annotated[DataFrame | None, "scope", "destination", "organization"],
    target: Target,
) -> DataFrame:
    """On for Cloud Voicemail, after its policy was granted and Unified Messaging disabled; for Exchange UM, as if never set."""
    settings = voice_mail_settings["setting"].str.lower()
    if target is Target.UM_LYNC:
        chosen = users[sent(users, findings, SET)].reset_index(drop=True)
        rows = chosen[["guid"]].assign(Identity=chosen["dn"], HostedVoiceMail=NULL)
        rows[REASON] = chosen["um_enabled"].map({True: CLEARED, False: NOTHING_LEFT})
    else:
        chosen = chosen_for(users, findings, SET)
        policies = policies_for(chosen, placements, lync_users, cs_hostedvm)
        eum = proxy_addresses.loc[addresses.is_eum(proxy_addresses["address"]), "guid"]
        left = among(chosen["guid"], eum) & ~chosen["um_enabled"]
        rows = chosen[["guid"]].assign(Identity=chosen["dn"], HostedVoiceMail=True)
        rows[REASON] = left.map(
            {
                True: "has EUM addresses without Unified Messaging: remove them, or approve this and they are reached no more",
                False: "",
            }
        )
        pairs = zip(policies["to_grant"], chosen["um_enabled"], strict=True)
        rows[AFTER] = [(*((GRANT,) if grant else ()), *((UM_DISABLE,) if um else ())) for grant, um in pairs]
    marked = among(chosen["guid"], voice_mail_settings.loc[settings == MARK, "guid"])
    mark = "ExchangeHostedVoiceMail=1 is set, the mark of Exchange itself: a person decides before it is changed"
    return rows.assign(
        HostedVoiceMail=rows["HostedVoiceMail"].astype(object).mask(marked, REVIEW),
        **{REASON: rows[REASON].astype(object).mask(marked, mark)},
    )


def chosen_for(users: DataFrame, findings: DataFrame, csv: str) -> DataFrame:
    """Whom findings send to a CSV, and who gets Enterprise Voice by this plan; the mailbox of another forest's user is there."""
    getting = with_voice(users, findings) & ~users["enterprise_voice"] & ~voice.mailbox_elsewhere(users)
    return users[sent(users, findings, csv) | getting].reset_index(drop=True)


def policies_for(
    users: DataFrame, placements: DataFrame, lync_users: DataFrame | None, cs_hostedvm: DataFrame | None
) -> DataFrame:
    """A row for each user: the policy that the profile gives (`PolicyName`), and whether it leads to Cloud Voicemail.

    `to_grant` (bool): what is granted now, or applies to all where nothing is, is another one or not known to lead there.
    """
    at = placements.set_index("guid")
    wish, site = (users["guid"].map(at[one]).astype(object) for one in ("hosted_voicemail_policy", "site"))
    leads = _leading(cs_hostedvm)
    shown = everybody(users, False) if lync_users is None else among(users["guid"], lync_users["guid"])
    granted = Series(None, users.index, dtype=object)
    if lync_users is not None:
        granted = users["guid"].map(lync_users.set_index("guid")["hosted_voice_mail_policy"]).astype(object)
    inherited = shown & granted.isna() & _applies_to_all(cs_hostedvm)
    fit = inherited | among(named(granted), leads)
    same = wish.isna() | (named(wish) == named(granted))
    return users[["guid"]].assign(
        Identity=users["dn"],
        PolicyName=wish,
        wish_leads=among(named(wish), leads),
        to_grant=~(fit & same),
        **{WHY: "The profile gives " + wish + " at site " + site + "."},
    )


def _leads(cs_hostedvm: DataFrame) -> Series:
    return (cs_hostedvm["destination"].str.strip().str.lower() == CLOUD_VOICEMAIL) & cs_hostedvm["organization"].notna()


def _leading(cs_hostedvm: DataFrame | None) -> Series:
    """The names (lower case) of the policies that can be granted and lead to Cloud Voicemail."""
    if cs_hostedvm is None:
        return Series(dtype="str")
    tagged = cs_hostedvm["scope"].str.lower().str.startswith(TAG)
    return named(cs_hostedvm.loc[tagged & _leads(cs_hostedvm), "scope"])


def _applies_to_all(cs_hostedvm: DataFrame | None) -> bool:
    """Whether a user to whom nothing was granted is led to Cloud Voicemail, at whatever site."""
    if cs_hostedvm is None:
        return False
    inherited = cs_hostedvm[~cs_hostedvm["scope"].str.lower().str.startswith(TAG)]
    return bool((inherited["scope"].str.lower() == "global").any() and _leads(inherited).all())
