"""What a domain controller says of itself is read as it is, and what it does not say is not made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from wire.server import DOMAIN, ROOT_DSE

from adinspect.directory import Root, root_dse
from adinspect.directory.channel import EndedError
from adinspect.directory.paging import Searcher
from adinspect.errors import ConnectError

SETTINGS = b"CN=NTDS Settings,CN=DC1,CN=Servers,CN=Site,CN=Sites,CN=Configuration,DC=contoso,DC=example"


@dataclass
class OneEntry:
    """Shows one entry, or fails."""

    entry_shown: Sequence[tuple[str, list[bytes]]] = ()
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def entry(self, base: str, asked: Sequence[str]) -> Any:
        self.asked.append(base)
        if self.failure:
            raise self.failure
        return self.entry_shown


def root(one: OneEntry | None = None, /, **changed: list[bytes]) -> Root:
    values = {name.lower(): list(held) for name, held in {**ROOT_DSE, **changed}.items()}
    return root_dse.root(cast("Searcher", one or OneEntry()), values, "ldaps://dc1.contoso.example", "ada")


def test_a_child_domains_controller_does_not_hold_the_root_domain() -> None:
    child = "DC=emea,DC=contoso,DC=example"
    found = root(defaultNamingContext=[child.encode()], namingContexts=[child.encode()])
    assert found.forest == "contoso.example"
    assert found.contexts.root_domain is None
    assert found.contexts.domains == (child,)


def test_naming_contexts_are_compared_without_regard_to_case() -> None:
    assert root(namingContexts=[DOMAIN.lower().encode()]).contexts.root_domain == DOMAIN


@pytest.mark.parametrize(
    ("changed", "name", "value"),
    [
        ({"schemaNamingContext": []}, "schema", None),
        ({"defaultNamingContext": []}, "domains", ()),
    ],
)
def test_a_context_that_is_not_said_is_not_held(changed: dict[str, list[bytes]], name: str, value: object) -> None:
    assert getattr(root(**changed).contexts, name) == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"20261124080000.0Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (b"20261124080000Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_the_servers_clock(text: bytes, moment: datetime | None) -> None:
    assert root(currentTime=[text]).now == moment


@pytest.mark.parametrize(("text", "number"), [(b"4711", 4711), (b"", None), (b"-1", None), (b"many", None)])
def test_the_highest_usn(text: bytes, number: int | None) -> None:
    assert root(highestCommittedUSN=[text]).highest_usn == number


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (bytes.fromhex("010100000000000512000000"), "S-1-5-18"),
        (bytes.fromhex("0105000000000005150000003d5e4f4a0102030405060708f4010000"), "S-1-5-21-1246715453-67305985-134678021-500"),
        (bytes.fromhex("0100000000000001"), "S-1-1"),
        (b"", None),
        (bytes.fromhex("0102000000000005120000"), None),
        (bytes.fromhex("020100000000000512000000"), None),
    ],
)
def test_the_accounts_sids(octets: bytes, text: str | None) -> None:
    assert root_dse.sid(octets) == text
    assert root(tokenGroups=[octets]).token_sids == ({text} if text else frozenset())


def test_an_account_that_is_taken_for_nobody_is_refused() -> None:
    with pytest.raises(ConnectError, match="as anonymous"):
        root(tokenGroups=[bytes.fromhex("010100000000000507000000"), bytes.fromhex("010100000000000100000000")])


def test_an_account_whose_sids_are_not_said_has_none() -> None:
    assert root(tokenGroups=[]).token_sids == frozenset()


def test_the_invocation_id_is_that_of_the_servers_settings() -> None:
    one = OneEntry([("invocationid", [bytes(range(16))])])
    assert root(one, dsServiceName=[SETTINGS]).invocation_id == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert one.asked == [SETTINGS.decode()]


@pytest.mark.parametrize(
    "one",
    [
        OneEntry(),
        OneEntry([("invocationid", [])]),
        OneEntry([("invocationid", [b"short"])]),
        OneEntry([("invocationid", [bytes(16), bytes(16)])]),
        OneEntry(failure=EndedError("not shown")),
    ],
)
def test_an_invocation_id_that_is_not_shown_is_unknown(one: OneEntry) -> None:
    assert root(one, dsServiceName=[SETTINGS]).invocation_id is None


def test_without_settings_nothing_is_asked() -> None:
    one = OneEntry()
    assert root(one).invocation_id is None
    assert one.asked == []
