"""The voice state of users, told from their columns: predicates that several rules and bulk CSVs share."""

from __future__ import annotations

from pandas import DataFrame, Series


def online(users: DataFrame) -> Series:
    """Homed in the cloud: a deployment locator that is not `SRV:` (bool; needs column `deployment_locator`)."""
    locator = users["deployment_locator"]
    return locator.notna() & (locator.str.lower() != "srv:")


def on_premises(users: DataFrame) -> Series:
    """Homed on a pool: locator `SRV:`, or no locator and a pool service (bool; needs `deployment_locator`, `pool_service`)."""
    locator = users["deployment_locator"]
    return (locator.str.lower() == "srv:") | (locator.isna() & users["pool_service"].notna())


def mailbox_elsewhere(users: DataFrame) -> Series:
    """A contact that stands for a Lync user of another forest: its mailbox lives there (bool; needs `object_class`)."""
    return users["object_class"].str.lower() == "contact"


def remote_call_control(users: DataFrame) -> Series:
    """Lync controls a desk phone, alone or beside Lync calls (bool; needs `remote_call_control`, `remote_call_dual`)."""
    return users["remote_call_control"] | users["remote_call_dual"]


def hosted_voice_mail(users: DataFrame, voice_mail_settings: DataFrame) -> Series:
    """Hosted voice mail is on, by Exchange or by Lync (bool; needs `setting` of the child table)."""
    on = voice_mail_settings["setting"].str.lower().isin(["exchangehostedvoicemail=1", "cshostedvoicemail=1"])
    return users["guid"].isin(voice_mail_settings.loc[on, "guid"])
