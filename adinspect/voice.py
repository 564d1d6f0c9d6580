"""The voice state of users, told from their columns: predicates that several rules and bulk CSVs share."""

from __future__ import annotations

from collections.abc import Mapping

from pandas import DataFrame, Series

from adinspect.membership import among

UM_FEATURES: Mapping[int, str] = {
    2: "fax",
    4: "the calendar by telephone",
    8: "e-mail by telephone",
    16: "Outlook Voice Access",
    32: "the address book by telephone",
}
"""Bits of msExchUMEnabledFlags that Cloud Voicemail has nothing for (Exchange, "Filterable properties"; Plan Cloud Voicemail)."""


def online(users: DataFrame) -> Series:
    """Homed in the cloud: a deployment locator that is not `SRV:` (bool; needs column `deployment_locator`)."""
    locator = users["deployment_locator"]
    return locator.notna() & (locator.str.lower() != "srv:")


def on_premises(users: DataFrame) -> Series:
    """Homed on a pool: locator `SRV:`, or no locator and a pool service (bool; needs `deployment_locator`, `pool_service`)."""
    locator = users["deployment_locator"]
    return (locator.str.lower() == "srv:") | (locator.isna() & users["pool_service"].notna())


def in_estate(users: DataFrame) -> Series:
    """What already holds a number or is part of Lync or Exchange UM, whether or not it should (bool).

    Needs `line_uri`, `private_line`, `sip_enabled`, `enterprise_voice`, `remote_call_control`, `remote_call_dual`, `um_enabled`.
    """
    numbered = users["line_uri"].notna() | users["private_line"].notna()
    of_lync = users["sip_enabled"].fillna(False).astype(bool) | users["enterprise_voice"] | remote_call_control(users)
    return numbered | of_lync | users["um_enabled"]


def mailbox_elsewhere(users: DataFrame) -> Series:
    """A contact that stands for a Lync user of another forest: its mailbox lives there (bool; needs `object_class`)."""
    return users["object_class"].str.lower() == "contact"


def remote_call_control(users: DataFrame) -> Series:
    """Lync controls a desk phone, alone or beside Lync calls (bool; needs `remote_call_control`, `remote_call_dual`)."""
    return users["remote_call_control"] | users["remote_call_dual"]


def hosted_voice_mail(users: DataFrame, voice_mail_settings: DataFrame) -> Series:
    """Hosted voice mail is on, by Exchange or by Lync (bool; needs `setting` of the child table)."""
    on = voice_mail_settings["setting"].str.lower().isin(["exchangehostedvoicemail=1", "cshostedvoicemail=1"])
    return among(users["guid"], voice_mail_settings.loc[on, "guid"])
