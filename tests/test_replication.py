from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from directories import ACCOUNT, Entry, Failing, descriptor, forest, schema, user
from lab import Account, Lab
from pandas import DataFrame

from adinspect import query
from adinspect.collect import Collected, collect
from adinspect.directory import live
from adinspect.directory.memory import MemoryDirectory
from adinspect.directory.replication import versions
from adinspect.observe import observe

READ_AND_LIST = (True, 0x14, None)
LINE, VOICE_MAIL = 7, -5
NUMBERS = {"msRTCSIP-Line": LINE, "msExchUCVoiceMailSettings": VOICE_MAIL}


def metadata(written: dict[int, int]) -> bytes:
    """How often each attribute was written, as a server keeps it."""
    entries = b"".join(struct.pack("<II40x", number & 0xFFFFFFFF, version) for number, version in written.items())
    return struct.pack("<I4xI4x", 1, len(written)) + entries


def test_versions_are_told_by_attribute() -> None:
    assert versions(metadata({LINE: 1, VOICE_MAIL: 12})) == {7: 1, 0xFFFFFFFB: 12}
    assert versions(metadata({})) == {}


@pytest.mark.parametrize(
    "octets", [b"", b"\1", metadata({LINE: 1})[:-1], metadata({LINE: 1}) + b"x", b"\2" + metadata({LINE: 1})[1:]]
)
def test_octets_that_are_none_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="octets"):
        versions(octets)


def written(name: str, versions: dict[int, int] | None = None, octets: bytes = b"", **attributes: str) -> Entry:
    kept = metadata(versions) if versions is not None else octets
    return user(name, replPropertyMetaData=kept, **attributes) if kept else user(name, **attributes)


def doubted(*users: Entry, cut: str = "") -> dict[str, str]:
    """The columns of users that cannot be told, with why, to an account whom access lists let read everything."""
    numbered = [
        (dn, {**told, "msDS-IntId": [str(NUMBERS[str(told["lDAPDisplayName"][0])])]})
        if told["lDAPDisplayName"][0] in NUMBERS
        else (dn, told)
        for dn, told in schema()
    ]
    everything = [*forest(*users), *numbered]
    allowed = [(dn, {**told, "nTSecurityDescriptor": [descriptor(READ_AND_LIST)]}) for dn, told in everything]
    directory = Failing(MemoryDirectory(allowed), {cut: 0} if cut else {}, frozenset({ACCOUNT}), live=True)
    seen = observe(collect(directory, list(query.shipped().values())))
    return {f"{row.table}.{row.column}": row.reason for row in seen[seen["column"] != ""].itertuples()}


@pytest.mark.parametrize(
    ("what", "users", "columns"),
    [
        ("never written", [written("adele", {}), written("alex", {})], []),
        ("written once on one, and nobody shows it", [written("adele", {LINE: 1}), written("alex", {})], ["users.line_uri"]),
        ("written again: it may have been cleared", [written("adele", {LINE: 2}), written("alex", {LINE: 3})], []),
        ("somebody shows it", [written("adele", {LINE: 1}), written("alex", {LINE: 1}, msRTCSIP_Line="tel:+1")], []),
        ("a number that the schema spells with a sign", [written("adele", {VOICE_MAIL: 1})], ["voice_mail_settings.setting"]),
        ("a number that the schema does not tell", [written("adele", {99: 1})], []),
        ("metadata that is not shown", [written("adele")], []),
        ("metadata that cannot be read", [written("adele", octets=b"cut off")], []),
    ],
)
def test_a_value_that_was_set_and_is_shown_by_nobody_is_not_taken_for_absent(
    what: str, users: list[Entry], columns: list[str]
) -> None:
    assert sorted(doubted(*users)) == columns, what


def test_why_it_cannot_be_told_is_said() -> None:
    reason = doubted(written("adele", {LINE: 1}), written("alex", {}))["users.line_uri"]
    assert reason == (
        "no object of a sample shows msRTCSIP-Line, though access lists let it be read and by replication metadata 1 of them have"
        " it: it cannot be told on any of 2 users"
    )


def test_a_server_that_does_not_tell_takes_nothing_away() -> None:
    assert doubted(written("adele", {LINE: 1}), cut="(|(objectGUID=") == {}


def read(lab: Lab, account: Account) -> Collected:
    with live.connect(lab.url, user=account.user, password=account.password, ca_file=lab.ca_file) as directory:
        return collect(directory, list(query.shipped().values()))


def unreadable(collected: Collected) -> DataFrame:
    return observe(collected).sort_values(["table", "column", "guid"], ignore_index=True)


def test_access_lists_and_metadata_say_the_same_to_both_accounts(lab: Lab) -> None:
    for account in (lab.administrator, lab.reader):
        collected = read(lab, account)
        users = collected.tables["users"]["guid"].to_pylist()
        assert len(collected.written.keys() & set(users)) == len(users), account
        assert unreadable(collected).equals(unreadable(replace(collected, written={}))), account


def test_a_right_that_was_judged_wrongly_is_found_out(lab: Lab) -> None:
    """Without the account's own SID in its token, the entry that denies it hosted voice mail would be passed over."""
    collected = read(lab, lab.reader)
    own = {sid for sid in collected.token_sids if sid.startswith("S-1-5-21-") and int(sid.rpartition("-")[2]) >= 1000}
    mistaken = replace(collected, token_sids=collected.token_sids - own)

    def told(one: Collected) -> set[str]:
        seen = observe(one)
        return set(seen.loc[seen["table"] == "voice_mail_settings", "reason"])

    assert told(replace(mistaken, written={})) == set()
    (reason,) = told(mistaken)
    assert reason.startswith("no object of a sample shows msExchUCVoiceMailSettings, though access lists let it be read and by")
    assert "replication metadata 6 of them have it" in reason
