"""Target um-lync: Lync with Exchange UM on-premises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pandas as pd
from pandas import DataFrame, Series

from adinspect import addresses, recipients, topology, voice
from adinspect.derived import cloud_homes as homes
from adinspect.derived import holders
from adinspect.derived import numbers as lines
from adinspect.derived import taken_addresses as taken
from adinspect.targets import PREVIOUS, WHY, proposes, reviewed

RESERVED = r".*[&=+$,;?/()].*@.*|sip:\..*|.*\.@.*"
"""SIP addresses no user is given: reserved characters have stopped front ends (KB 2912334); a dot at either end is not valid."""


@proposes("20_cs_user_enable")
def cs_user_enable(
    users: Annotated[
        DataFrame,
        "upn",
        "mail",
        "sip_address",
        "sip_enabled",
        "pool_service",
        "deployment_locator?",
        "account_disabled",
        "recipient_type",
    ],
    proxy_addresses: Annotated[DataFrame, "address"],
    taken_addresses: Annotated[DataFrame, "scheme", "address"],
    cloud_homes: Annotated[DataFrame, "home"],
    sip_domains: Annotated[DataFrame, "domain"],
    pools: Annotated[DataFrame, "fqdn"],
) -> DataFrame:
    """The user principal name as SIP address, else the primary e-mail address; the only pool of the forest as home."""
    address = _new_sip_address(users, proxy_addresses, sip_domains)
    rows = users[["guid"]].assign(
        Identity=users["dn"],
        RegistrarPool=pools["fqdn"].iloc[0] if len(pools) == 1 else None,
        SipAddress=address,
        **{f"{PREVIOUS}RegistrarPool": None, f"{PREVIOUS}SipAddress": users["sip_address"]},
    )
    domains = ", ".join(sorted(sip_domains["domain"].dropna())) or "none is declared"
    unfit = f"neither the user principal name nor the primary e-mail address can be used in a SIP domain ({domains})"
    known = taken_addresses[taken_addresses["scheme"] == taken.SIP]
    name = {
        unfit: address.isna(),
        "the SIP address is taken: ": _holders(users, address, addresses.without_scheme(address), known),
    }
    return reviewed(rows, {"RegistrarPool": _home_doubts(users, cloud_homes, pools), "SipAddress": name})


def _home_doubts(users: DataFrame, cloud_homes: DataFrame, pools: DataFrame) -> dict[str, Series]:
    linked = recipients.of_type(users, recipients.RecipientType.LINKED)
    # the deployment locator is what Disable-CsUser leaves, and no trace of a user
    known = users[["sip_address", "sip_enabled", "pool_service"]].notna().any(axis=1)
    counts = ", ".join(f"{(cloud_homes['home'] == home).sum()} in {home}" for home in (homes.ONLINE, homes.MAILBOX))
    return {
        "is homed online": voice.online(users),
        "has a place in Lync already (SIP address, state or home)": known,
        "is a linked mailbox: its account is one of another forest, and needs msRTCSIP-OriginatorSid to sign in": linked,
        "the account is disabled": users["account_disabled"] & ~linked,
        f"the forest is hybrid ({counts}): Enable-CsUser would home on-premises whoever has a home in Teams": _everybody(
            users, not cloud_homes.empty
        ),
        f"the home is a choice: the forest has {len(pools)} pools ({pools['fqdn'].notna().sum()} with an FQDN)": _everybody(
            users, len(pools) != 1 or pools["fqdn"].isna().any()
        ),
    }


def _everybody(users: DataFrame, holds: bool) -> Series:
    return Series(holds, users.index, dtype=bool)


def _new_sip_address(users: DataFrame, proxy_addresses: DataFrame, sip_domains: DataFrame) -> Series:
    """The SIP address for each user, spelt as its source is; missing where neither source is fit."""
    primary = proxy_addresses[proxy_addresses["address"].str.startswith("SMTP:", na=False)]
    # of two primary addresses, which is a fault, neither is known to be the one
    only = primary.drop_duplicates("guid", keep=False).set_index("guid")["address"].str.removeprefix("SMTP:")
    mail = users["guid"].map(only).astype(users["mail"].dtype).where(users["guid"].isin(primary["guid"]), users["mail"])
    first, second = (_fit(source, sip_domains) for source in (users["upn"], mail))
    return first.where(first.notna(), second)


def _fit(source: Series, sip_domains: DataFrame) -> Series:
    address = "sip:" + source
    valid = addresses.matches(address, addresses.SIP_ADDRESS) & (address.str.len() <= addresses.SIP_ADDRESS_LENGTH)
    declared = source.str.lower().str.replace(r"^.*@", "", regex=True).isin(sip_domains["domain"].dropna().str.lower())
    return address.where(valid & declared & ~addresses.matches(address, RESERVED))


def _holders(users: DataFrame, proposed: Series, compared: Series, taken_addresses: DataFrame) -> Series:
    """`proposed` and who else holds it or is to get it in the same file; missing where nobody does or nothing is proposed."""
    wanted = users.assign(value=compared, label=users["identity"] + " (proposed here too)")
    held = taken_addresses.assign(value=taken_addresses["address"])
    held = held[held["value"].isin(compared.dropna())]
    held = held.assign(label=held["identity"].where(held["table"] == "users", held["identity"] + " (contact)"))
    columns = ["guid", "value", "label"]
    others = holders.others(pd.concat([wanted[columns], held[columns]], ignore_index=True).assign(side=""))
    return proposed.astype(object) + " by " + others.iloc[: len(users)].set_axis(users.index).astype(object)


@proposes("21_cs_user_voice")
def cs_user_voice(
    users: Annotated[DataFrame, "enterprise_voice", "line_uri", "remote_call_control", "remote_call_dual", "deployment_locator?"],
    findings: Annotated[DataFrame, "rule"],
    numbers: Annotated[DataFrame, "source", "others"],
) -> DataFrame:
    """Enterprise Voice for whoever is expected to have it, with the line each holds; no number range is known yet."""
    rows = users[["guid"]].assign(
        Identity=users["dn"],
        EnterpriseVoiceEnabled=True,
        LineURI=users["line_uri"],
        **{f"{PREVIOUS}EnterpriseVoiceEnabled": users["enterprise_voice"], f"{PREVIOUS}LineURI": users["line_uri"]},
    )
    expected, on, line = _found(users, findings, "USR-006"), users["enterprise_voice"], users["line_uri"]
    malformed = line.notna() & ~addresses.matches(line, addresses.E164_URI)
    controlled = voice.remote_call_control(users)
    # a line without Enterprise Voice is a decision, which the population has taken for everybody it expects to have voice
    idle = line.notna() & ~on & ~controlled & ~expected
    switch = {
        "is homed online": voice.online(users),
        "is under remote call control: that or Enterprise Voice is a decision": controlled,
        "holds a line without Enterprise Voice: turn it on with this line, or clear the line": idle,
        "nothing is known here that this file could change": ~expected & ~idle & ~malformed & (on == line.notna()),
    }
    return reviewed(rows, {"EnterpriseVoiceEnabled": switch, "LineURI": _line_doubts(users, malformed, findings, numbers)})


def _line_doubts(users: DataFrame, malformed: Series, findings: DataFrame, numbers: DataFrame) -> dict[str, Series]:
    line, on = users["line_uri"], users["enterprise_voice"]
    others = users["guid"].map(numbers[numbers["source"] == lines.LINE].set_index("guid")["others"]).astype(object)
    unranged = "has no line URI and the profile gives no number range"
    return {
        unranged: line.isna() & ~on,
        f"{unranged}: assign a number, or turn Enterprise Voice off": line.isna() & on,
        "the line is not tel: and an international number (E.164): ": line.where(malformed),
        "the line is held by others too: ": line.astype(object) + " by " + others,
        "one of its numbers is held by others too (CNS-003)": _found(users, findings, "CNS-003") & others.isna(),
    }


def _found(users: DataFrame, findings: DataFrame, *rules: str) -> Series:
    return users["guid"].isin(findings.loc[findings["rule"].isin(rules), "guid"])


@dataclass(frozen=True)
class Place:
    """Where users are to be enabled for UM: the policy and its SIP URI dial plan; without `policy_guid`, `choice` says why.

    `digits` is 0 where the plan does not say how many an extension has; `contexts` are its phone contexts in lower case,
    equivalent ones included.
    """

    choice: str = ""
    policy_guid: str | None = None
    policy: str = ""
    plan: str = ""
    digits: int = 0
    contexts: frozenset[str] = frozenset()

    @property
    def told(self) -> str | None:
        """The names behind the GUID."""
        return f"UM mailbox policy {self.policy}, UM dial plan {self.plan}." if self.policy_guid else None


def _place(mailbox_policies: DataFrame, dial_plans: DataFrame, dial_plan_equivalents: DataFrame) -> Place:
    """The only UM mailbox policy that leads to a SIP URI dial plan."""
    plans = topology.sip_uri_plans(dial_plans).add_prefix("plan_")
    fit = mailbox_policies.merge(plans, left_on="dial_plan", right_on="plan_dn")
    if len(fit) != 1:
        named = ", ".join(sorted(fit["identity"]))
        return Place(
            f"{len(fit)} UM mailbox policies lead to a SIP URI dial plan, so that the policy is a choice ({named or 'none'})"
        )
    only = fit.iloc[0]
    equivalent = dial_plan_equivalents.loc[dial_plan_equivalents["dn"] == only["plan_dn"], "phone_context"]
    return Place(
        policy_guid=only["guid"],
        policy=only["identity"],
        plan=only["plan_identity"],
        digits=0 if pd.isna(only["plan_extension_digits"]) else int(only["plan_extension_digits"]),
        contexts=frozenset(context.lower() for context in (only["plan_phone_context"], *equivalent) if isinstance(context, str)),
    )


@proposes("30_um_mailbox_enable")
def um_mailbox_enable(
    users: Annotated[
        DataFrame,
        "um_enabled",
        "sip_address",
        "line_uri",
        "telephone_number",
        "mailbox_database",
        "recipient_type",
        "account_disabled",
        "deployment_locator?",
        "object_class",
    ],
    findings: Annotated[DataFrame, "rule"],
    voice_mail_settings: Annotated[DataFrame, "setting?"],
    mailbox_homes: Annotated[DataFrame, "version_major", "version_minor", "resolved"],
    mailbox_policies: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type", "phone_context", "extension_digits"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
    taken_addresses: Annotated[DataFrame, "scheme", "stored", "address", "context"],
) -> DataFrame:
    """The only UM mailbox policy of a SIP URI dial plan, the last digits of the user's number as extension, the SIP address."""
    place = _place(mailbox_policies, dial_plans, dial_plan_equivalents)
    sip, extension = users["sip_address"], _extension(users, place.digits)
    eum = taken_addresses[taken_addresses["scheme"] == taken.EUM]
    in_plan, left = eum[eum["context"].isin(place.contexts)], topology.listed(eum, "stored", users["guid"])
    known = pd.concat([taken_addresses[taken_addresses["scheme"] == taken.SIP], in_plan])
    return reviewed(
        _enabling(users, place, extension),
        {
            "UMMailboxPolicy": {
                "is enabled for Unified Messaging, and has to be disabled first (29_um_mailbox_disable)": (
                    users["um_enabled"] | _found(users, findings, "USR-004", "USR-005", "CNS-007")
                ),
                **_mailbox_doubts(users, voice_mail_settings, mailbox_homes),
                "Enable-UMMailbox would remove its EUM addresses: ": left.where(~users["um_enabled"]),
                place.choice: _everybody(users, place.policy_guid is None),
            },
            "Extensions": _extension_doubts(users, place, extension, in_plan),
            "SIPResourceIdentifier": {
                "has no SIP address: enable for Lync first, then collect again": sip.isna(),
                "the SIP address is held by others too: ": _holders(users, sip, addresses.without_scheme(sip), known),
            },
        },
    )


def _enabling(users: DataFrame, place: Place, extension: Series) -> DataFrame:
    """What Enable-UMMailbox is given for each user, as far as it is known; nothing was set before."""
    return users[["guid"]].assign(
        Identity=users["guid"],
        UMMailboxPolicy=place.policy_guid,
        Extensions=[None if pd.isna(one) else (one,) for one in extension],
        SIPResourceIdentifier=users["sip_address"].str.replace(r"^[Ss][Ii][Pp]:", "", regex=True),
        PINExpired=True,
        NotifyEmail=None,
        **{f"{PREVIOUS}{column}": None for column in ("UMMailboxPolicy", "Extensions", "SIPResourceIdentifier")},
        **{WHY: place.told},
    )


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


def _extension(users: DataFrame, digits: int) -> Series:
    """The extension of that many digits that each user's number ends with; missing where none can be told."""
    line = addresses.number(users["line_uri"].where(addresses.matches(users["line_uri"], addresses.E164_URI)))
    # a line that is no number may stand for one that the telephone number is not
    base = line["base"].where(users["line_uri"].notna(), addresses.international(users["telephone_number"]))
    pairs = zip(base, line["extension"].fillna(""), strict=True)
    return Series([_last(base, extension, digits) for base, extension in pairs], users.index, dtype=users["line_uri"].dtype)


def _last(number: str | float, extension: str, digits: int) -> str | None:
    if not isinstance(number, str) or not digits:
        return None
    if len(extension) == digits:
        return extension
    bare = number.removeprefix("+")
    # an extension of another length is one the number ends with, or one of another numbering
    return bare[-digits:] if len(bare) >= digits and bare.endswith(extension) else None


def _extension_doubts(users: DataFrame, place: Place, extension: Series, in_plan: DataFrame) -> dict[str, Series]:
    if place.policy_guid is None:
        return {"how many digits an extension has depends on the UM dial plan": _everybody(users, True)}
    if not place.digits or not place.contexts:
        unsaid = f"UM dial plan {place.plan} does not say how many digits an extension has, or has no phone context"
        return {unsaid: _everybody(users, True)}
    untold = f"neither line URI nor telephone number tells an extension of {place.digits} digits"
    holding = _holders(users, extension, extension, in_plan)
    return {untold: extension.isna(), f"the extension is taken in UM dial plan {place.plan}: ": holding}
