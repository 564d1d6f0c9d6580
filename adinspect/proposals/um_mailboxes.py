"""CSVs that disable mailboxes for Exchange Unified Messaging and enable them, perhaps the same one in another UM dial plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, recipients, topology, voice
from adinspect.derived import taken_addresses as taken
from adinspect.finding import Target
from adinspect.membership import among
from adinspect.proposals import proposes, reasons, reviewed, sent
from adinspect.proposals.holding import held_by
from adinspect.proposals.hosted_voice_mail import GRANT, MARK, SET, chosen_for, policies_for
from adinspect.proposals.um_addresses import Users, extension_of_number, kept, present_addresses
from adinspect.proposals.um_places import contexts, in_plans, in_service, places
from adinspect.proposals.um_way_back import Places as UmPlaces
from adinspect.proposals.um_way_back import unable
from adinspect.step import AFTER, LEAVES, REASON, REVIEW, WHY

DISABLE, ENABLE = "29_um_mailbox_disable", "30_um_mailbox_enable"

Findings: TypeAlias = Annotated[DataFrame, "rule", "csv", "waived"]
Settings: TypeAlias = Annotated[DataFrame, "setting?"]
Homes: TypeAlias = Annotated[DataFrame, "version_major", "version_minor", "resolved"]
Placements: TypeAlias = Annotated[DataFrame, "um_mailbox_policy", "um_dial_plan", "problem", "site", "hosted_voicemail_policy"]
Policies: TypeAlias = Annotated[DataFrame, "name", "dial_plan"]
Plans: TypeAlias = Annotated[DataFrame, "name", "uri_type", "phone_context", "extension_digits"]
Equivalents: TypeAlias = Annotated[DataFrame, "phone_context?"]
Services: TypeAlias = Annotated[DataFrame, "plan", "number"]
Proposed: TypeAlias = Annotated[DataFrame | None, "extension"]
Proxies: TypeAlias = Annotated[DataFrame, "address"]
Held: TypeAlias = Annotated[DataFrame, "eum", "primary", "address", "context", "kind", "own"]
Taken: TypeAlias = Annotated[DataFrame, "scheme", "stored", "address", "context"]


@dataclass(frozen=True, eq=False)
class Known:
    """The tables that tell where users can be enabled for Unified Messaging, and with which addresses."""

    voice_mail_settings: DataFrame
    mailbox_homes: DataFrame
    placements: DataFrame
    mailbox_policies: DataFrame
    dial_plans: DataFrame
    dial_plan_equivalents: DataFrame
    extension_plans: DataFrame
    proposed_numbers: DataFrame | None
    proxy_addresses: DataFrame
    eum_addresses: DataFrame
    taken_addresses: DataFrame


@proposes(ENABLE)
def um_mailbox_enable(
    users: Users,
    findings: Findings,
    voice_mail_settings: Settings,
    mailbox_homes: Homes,
    placements: Placements,
    mailbox_policies: Policies,
    dial_plans: Plans,
    dial_plan_equivalents: Equivalents,
    extension_plans: Services,
    proposed_numbers: Proposed,
    proxy_addresses: Proxies,
    eum_addresses: Held,
    taken_addresses: Taken,
) -> DataFrame:
    """The UM mailbox policy of the site, else the only one of a SIP URI dial plan; all extensions the user has, else the one of
    the number; the SIP address. Who is to be enabled in another UM dial plan is disabled first (29_um_mailbox_disable)."""
    known = Known(
        voice_mail_settings,
        mailbox_homes,
        placements,
        mailbox_policies,
        dial_plans,
        dial_plan_equivalents,
        extension_plans,
        proposed_numbers,
        proxy_addresses,
        eum_addresses,
        taken_addresses,
    )
    return enabling(users, sent(users, findings, DISABLE), known)


@proposes(DISABLE, unasked=True)
def um_mailbox_disable(
    users: Users,
    findings: Findings,
    voice_mail_settings: Settings,
    mailbox_homes: Homes,
    placements: Placements,
    mailbox_policies: Policies,
    dial_plans: Plans,
    dial_plan_equivalents: Equivalents,
    extension_plans: Services,
    proposed_numbers: Proposed,
    proxy_addresses: Proxies,
    eum_addresses: Held,
    taken_addresses: Taken,
    um_users: UmPlaces,
    lync_users: Annotated[DataFrame | None, "hosted_voice_mail_policy"],
    cs_hostedvm: Annotated[DataFrame | None, "scope", "destination", "organization"],
    target: Target,
) -> DataFrame:
    """Who is to be enabled in another UM dial plan, if it can be; for Cloud Voicemail, who gets hosted voice mail after it."""
    known = Known(
        voice_mail_settings,
        mailbox_homes,
        placements,
        mailbox_policies,
        dial_plans,
        dial_plan_equivalents,
        extension_plans,
        proposed_numbers,
        proxy_addresses,
        eum_addresses,
        taken_addresses,
    )
    if target is Target.SFB_CLOUD_VOICEMAIL:
        chosen = chosen_for(users, findings, SET)
        chosen = chosen[chosen["um_enabled"]].reset_index(drop=True)
        granting = policies_for(chosen, placements, lync_users, cs_hostedvm)["to_grant"]
        return _for_good(chosen, um_users, known).assign(**{AFTER: [(GRANT,) if one else () for one in granting]})
    return _for_another_plan(users, findings, known)


def _for_good(users: DataFrame, um_users: DataFrame, known: Known) -> DataFrame:
    """The rows of users who get hosted voice mail in its place.

    Nothing in the plan enables their mailboxes again, so that a person decides where the rollback could not either.
    """
    settings = known.voice_mail_settings
    marked = among(users["guid"], settings.loc[settings["setting"].str.lower() == MARK, "guid"])
    back = unable(users, um_users, known.eum_addresses, known.taken_addresses, known.dial_plans, known.dial_plan_equivalents)
    doubts = {
        "ExchangeHostedVoiceMail=1 is set, so that file 25 sets no hosted voice mail: a person decides first": marked,
        "no file could enable it for Unified Messaging again as it is now: ": back.where(back != ""),
    }
    return _disabling(users, known.proxy_addresses, reasons(users, doubts))


def _for_another_plan(users: DataFrame, findings: DataFrame, known: Known) -> DataFrame:
    """The rows of users who are enabled again in another UM dial plan, if they can be."""
    asked = users[sent(users, findings, ENABLE)].reset_index(drop=True)
    moving = sent(asked, findings, DISABLE)
    enabled = enabling(asked, moving, known).set_index("guid")[REASON]
    again = asked[moving].reset_index(drop=True)
    alone = users[sent(users, findings, DISABLE) & ~among(users["guid"], again["guid"])]
    chosen = pd.concat([again, alone], ignore_index=True)
    lacking = chosen["guid"].map(enabled).astype(object).fillna("no finding sends the user there")
    return _disabling(
        chosen,
        known.proxy_addresses,
        ("30_um_mailbox_enable could not enable the user again: " + lacking).where(lacking != "", ""),
    )


def _disabling(users: DataFrame, proxy_addresses: DataFrame, reason: Series) -> DataFrame:
    """What Disable-UMMailbox is given; where there is a reason against it, a person says True."""
    rows = users[["guid"]].assign(
        Identity=users["guid"],
        KeepProperties=Series(True, users.index, dtype=object).mask(reason != "", REVIEW),
        **{REASON: reason},
    )
    left = present_addresses(users, proxy_addresses, eum=False)
    return rows.assign(**{LEAVES: [{"Get-Mailbox": {"EmailAddresses": told or None}} for told in left]})


def enabling(users: DataFrame, moving: Series, known: Known) -> DataFrame:
    """The rows of 30_um_mailbox_enable for these users; `moving` (bool) are disabled before it."""
    at = places(users, known.placements, known.mailbox_policies, known.dial_plans)
    of_plans = contexts(known.dial_plans, known.dial_plan_equivalents)
    stays = kept(users, at, known.eum_addresses, of_plans)
    extensions = extensions_in(users, at, moving, stays, known.eum_addresses, known.proposed_numbers)
    sip = users["sip_address"]
    bare = sip.str.replace(r"^[Ss][Ii][Pp]:", "", regex=True)
    rows = users[["guid"]].assign(
        Identity=users["guid"],
        UMMailboxPolicy=at["policy_guid"],
        Extensions=[told or None for told in extensions],
        SIPResourceIdentifier=bare,
        PINExpired=True,
        NotifyEmail=None,
        **{WHY: "UM mailbox policy " + at["policy"] + ", UM dial plan " + at["plan"] + "."},
        **{LEAVES: _leaving(users, bare, extensions, at["context"], known.proxy_addresses)},
    )
    return reviewed(
        rows,
        {
            "UMMailboxPolicy": {
                "is enabled for Unified Messaging already": users["um_enabled"] & ~moving,
                **_mailbox_doubts(users, known.voice_mail_settings, known.mailbox_homes),
                **_address_doubts(users, moving, known.taken_addresses),
                "": at["choice"],
            },
            "Extensions": _extension_doubts(users, at, extensions, known),
            "SIPResourceIdentifier": {
                **sip_doubts(users, of_plans, known.taken_addresses),
                **_proxy_doubts(users, known.proxy_addresses),
            },
        },
    )


def _leaving(users: DataFrame, sip: Series, extensions: Series, context: Series, proxies: DataFrame) -> list[dict[str, object]]:
    """What Get-Mailbox shows of each user once it is enabled."""
    others = present_addresses(users, proxies, eum=False)
    lines = zip(others, sip, extensions, context, strict=True)
    return [{"Get-Mailbox": {"EmailAddresses": tuple(sorted((*other, *_new(*line))))}} for other, *line in lines]


def _new(sip: object, extensions: tuple[str, ...], context: object) -> tuple[str, ...]:
    """The EUM addresses that Enable-UMMailbox makes: the first is the primary one."""
    return (f"EUM:{sip};phone-context={context}", *(f"eum:{one};phone-context={context}" for one in extensions))


def _mailbox_doubts(users: DataFrame, voice_mail_settings: DataFrame, mailbox_homes: DataFrame) -> dict[str, Series]:
    here = users["mailbox_database"].notna()
    homes_of = users[["guid"]].merge(mailbox_homes, on="guid", how="left", validate="one_to_one").set_axis(users.index)
    linked = recipients.of_type(users, recipients.RecipientType.LINKED)
    return {
        "is homed online": voice.online(users),
        "is a contact for a user of another forest, whose mailbox is there": voice.mailbox_elsewhere(users),
        "hosted voice mail is on, and Enable-UMMailbox would clear it": voice.hosted_voice_mail(users, voice_mail_settings),
        "has no mailbox on a server of this organization": ~here,
        "the release of its home server is not known, and Exchange 2019 and later have no Unified Messaging": (
            here & ~homes_of["resolved"].astype(bool)
        ),
        "its home server has no Unified Messaging": here & ~topology.has_um(homes_of),
        "the account is disabled": users["account_disabled"] & ~linked,
    }


def _address_doubts(users: DataFrame, moving: Series, taken_addresses: DataFrame) -> dict[str, Series]:
    """Which EUM addresses would be lost: those of a user who has no Unified Messaging may be there on purpose."""
    eum = taken_addresses[taken_addresses["scheme"] == taken.EUM]
    left = topology.listed(eum, "stored", users["guid"])
    return {"Enable-UMMailbox would remove its EUM addresses: ": left.where(~users["um_enabled"] & ~moving)}


def extensions_in(
    users: DataFrame, at: DataFrame, moving: Series, stays: DataFrame, held: DataFrame, proposed_numbers: DataFrame | None
) -> Series:
    """The extensions (a tuple) of each user in the UM dial plan they get: all they have now, else the one of their number.

    `at` is what um_places.places gives, `stays` what um_addresses.kept does, `held` is eum_addresses.
    """
    moved = held[(held["kind"] == "extension") & ~held.index.isin(stays.index)]
    moved = moved[among(moved["guid"], users.loc[moving, "guid"])]
    current = moved.groupby("guid")["address"].agg(lambda told: tuple(sorted(set(told)))).to_dict()
    of_number = extension_of_number(users, at["digits"], proposed_numbers)
    told = []
    for guid, digits, number in zip(users["guid"], at["digits"], of_number, strict=True):
        fit = tuple(one for one in current.get(guid, ()) if digits and len(one) == digits)
        told.append(fit or ((number,) if isinstance(number, str) else ()))
    return Series(told, users.index, dtype=object)


def _extension_doubts(users: DataFrame, at: DataFrame, extensions: Series, known: Known) -> dict[str, Series]:
    placed, plan = at["policy_guid"].notna(), at["plan"].astype(object)
    lacking = placed & ((at["digits"] == 0) | at["context"].isna())
    digits = at["digits"].astype("str").astype(object)
    untold = placed & ~lacking & (extensions.map(len) == 0)
    text = users["identity"].dtype
    each = users[["guid", "identity"]].assign(extension=extensions, plan_dn=at["plan_dn"], plan=at["plan"]).explode("extension")
    each = each[each["extension"].notna() & placed].reset_index(names="user").astype({"extension": text})
    known_ones = in_plans(known.taken_addresses, contexts(known.dial_plans, known.dial_plan_equivalents))
    held = held_by(each, each["extension"], each["extension"] + ";" + each["plan_dn"], known_ones)
    served = in_service(each["extension"], each["plan"], known.extension_plans)
    service = (each["extension"] + ", which its services answer").where(served)
    return {
        "how many digits an extension has depends on the UM dial plan": ~placed,
        "UM dial plan ": (plan + " does not say how many digits an extension has, or has no phone context").where(lacking),
        "neither line URI nor telephone number tells an extension of ": (digits + " digits").where(untold),
        "the extension is taken in UM dial plan ": _of_users(held, each, users),
        "the extension is a number of UM dial plan ": _of_users(service, each, users),
    }


def _of_users(told: Series, each: DataFrame, users: DataFrame) -> Series:
    """The texts about single extensions behind the name of their UM dial plan, joined for each user; else missing."""
    texts: dict[int, list[str]] = {}
    for text, plan, user in zip(told, each["plan"], each["user"], strict=True):
        if isinstance(text, str):
            texts.setdefault(user, []).append(f"{plan}: {text}")
    return Series({user: "; ".join(those) for user, those in texts.items()}, dtype=object).reindex(users.index)


def sip_doubts(users: DataFrame, of_plans: Mapping[str, frozenset[str]], taken_addresses: DataFrame) -> dict[str, Series]:
    """Why Lync could not hand a call to Exchange UM with the SIP address of each user."""
    sip = users["sip_address"]
    every = frozenset[str]().union(*of_plans.values())
    eum = (taken_addresses["scheme"] == taken.EUM) & taken_addresses["context"].isin(list(every))
    known = taken_addresses[(taken_addresses["scheme"] == taken.SIP) | eum]
    return {
        "has no SIP address: enable for Lync first, then collect again": sip.isna(),
        "is not a valid SIP address: ": sip.where(~addresses.matches(sip, addresses.SIP_ADDRESS)),
        "the SIP address is held by others too: ": held_by(users, sip, addresses.without_scheme(sip), known),
    }


def _proxy_doubts(users: DataFrame, proxy_addresses: DataFrame) -> dict[str, Series]:
    """Enable-UMMailbox of Exchange 2013 refuses an identifier that is not the sip: proxy address."""
    proxies = proxy_addresses[proxy_addresses["address"].str.lower().str.startswith("sip:", na=False).astype(bool)]
    owner = proxies[["guid", "address"]].merge(users[["guid", "sip_address"]], on="guid")
    other = owner[addresses.without_scheme(owner["address"]) != addresses.without_scheme(owner["sip_address"])]
    refused = "Exchange refuses it beside another sip: proxy address (32_mailbox_eum first, then collect again): "
    return {refused: topology.listed(other, "address", users["guid"])}
