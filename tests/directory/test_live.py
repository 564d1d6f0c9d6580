"""A real domain controller is read as it is, however the account signs in."""

from __future__ import annotations

import re
import socket
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from lab import Account, Lab
from lab.forest import HOST

from adinspect.directory import Directory, Scope, Search, live
from adinspect.directory.live import LiveDirectory
from adinspect.errors import ConfigurationError, ConnectError, IncompleteError
from adinspect.search_filter import parse

ANY = "(objectClass=*)"
EVERYTHING = parse(ANY)
WAYS: dict[str, dict[str, Any]] = {
    "simple inside TLS": {},
    "simple after StartTLS": {"scheme": "ldap", "start_tls": True},
    "NTLM, signed and sealed": {"scheme": "ldap"},
}


def connect(lab: Lab, account: Account, *, scheme: str = "ldaps", **options: Any) -> LiveDirectory:
    settings: dict[str, Any] = {"user": account.user, "password": account.password, "ca_file": lab.ca_file} | options
    return live.connect(f"{scheme}://{lab.address}", **settings)


@pytest.fixture(scope="module")
def directory(lab: Lab) -> Iterator[LiveDirectory]:
    with connect(lab, lab.administrator) as signed_in:
        yield signed_in


def table(
    directory: Directory, base: str, *attributes: str, where: str = "(objectClass=*)", scope: Scope = Scope.SUBTREE
) -> pa.Table:
    asked = Search(base, parse(where), attributes, scope)
    schema = pa.schema([("dn", pa.binary()), *((name, pa.list_(pa.binary())) for name in attributes)])
    return pa.Table.from_batches(directory.search(asked), schema)


def count(ldif: str) -> int:
    return len(re.findall("^dn::? ", ldif, re.MULTILINE))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["name@domain", "DOMAIN\\name"])
def test_every_way_to_sign_in_reads_the_same(way: str, name: str, lab: Lab, directory: LiveDirectory) -> None:
    user = lab.administrator.user if name == "name@domain" else f"CONTOSO\\{lab.administrator.name}"
    everything = (lab.schema, "cn", "objectGUID", "schemaIDGUID", "possSuperiors")
    with connect(lab, lab.administrator, user=user, page_size=100, **WAYS[way]) as other:
        assert table(other, *everything).sort_by("dn").equals(table(directory, *everything).sort_by("dn"))
        assert other.root.account == user


@pytest.mark.parametrize("page_size", [1, 7, 100, 100_000])
def test_every_entry_is_read_at_any_page_size(page_size: int, lab: Lab) -> None:
    listed = lab.search(lab.administrator, lab.domain, "(objectClass=*)", "dn", options=("-E", "!domainScope"))
    with connect(lab, lab.administrator, page_size=page_size, scheme="ldap") as paged:
        found = table(paged, lab.domain, "objectGUID")
        assert paged.references == 0
    assert len(found) == len(pc.unique(found["dn"])) == count(listed)


def test_what_the_domain_controller_says_of_itself(lab: Lab, directory: LiveDirectory) -> None:
    root = directory.root
    assert (root.forest, root.source, root.account) == ("contoso.example", lab.url, lab.administrator.user)
    assert root.contexts.configuration == lab.configuration
    assert root.contexts.schema == lab.schema
    assert root.contexts.root_domain == lab.domain
    assert root.contexts.domains == (lab.domain,)
    assert root.now is not None
    assert abs(root.now - datetime.now(UTC)) < timedelta(minutes=5)
    assert root.highest_usn is not None
    assert root.highest_usn > 1000
    assert root.invocation_id
    assert uuid.UUID(root.invocation_id).int
    assert {"S-1-5-11", "S-1-5-32-544"} <= root.token_sids


def test_an_ordinary_account_has_its_own_sids(lab: Lab) -> None:
    with connect(lab, lab.reader) as signed_in:
        assert "S-1-5-11" in signed_in.root.token_sids
        assert "S-1-5-32-544" not in signed_in.root.token_sids


def test_of_an_access_list_the_dacl_is_read_by_everybody(lab: Lab) -> None:
    with connect(lab, lab.reader) as signed_in:
        [descriptor] = table(signed_in, lab.domain, "nTSecurityDescriptor", scope=Scope.BASE)["nTSecurityDescriptor"].to_pylist()
    owner, group, sacl, dacl = (int.from_bytes(descriptor[0][at : at + 4], "little") for at in (4, 8, 12, 16))
    assert (owner, group, sacl) == (0, 0, 0)
    assert dacl


def test_a_filter_with_letters_and_escapes_is_sent_as_it_is(lab: Lab, directory: LiveDirectory) -> None:
    names = table(directory, lab.domain, "cn", where="(&(objectClass=user)(cn=*))")["cn"].to_pylist()
    for [name] in names:
        escaped = "".join(f"\\{octet:02x}" for octet in name)
        assert [name] in table(directory, lab.domain, "cn", where=f"(cn={escaped})")["cn"].to_pylist()
    odd = next(name.decode() for [name] in names if not name.isascii())
    assert table(directory, lab.domain, "cn", where=f"(cn={odd})").num_rows == 1


def test_a_search_that_finds_nothing_is_whole(lab: Lab, directory: LiveDirectory) -> None:
    assert list(directory.search(Search(lab.domain, parse("(cn=nobody at all)"), ("cn",)))) == []


def test_a_base_that_does_not_exist(lab: Lab, directory: LiveDirectory) -> None:
    with pytest.raises(ConfigurationError, match="the search base CN=Nowhere,DC=contoso,DC=example does not exist"):
        list(directory.search(Search(f"CN=Nowhere,{lab.domain}", EVERYTHING, ("cn",))))


def test_a_base_in_another_forest_is_not_looked_for_there(directory: LiveDirectory) -> None:
    with pytest.raises((IncompleteError, ConfigurationError)) as raised:
        list(directory.search(Search("DC=fabrikam,DC=com", EVERYTHING, ("cn",))))
    assert re.search(r"referral \(10\)|does not exist", raised.value.what)


def test_what_a_directory_answers_beside_entries(directory: LiveDirectory) -> None:
    assert directory.unasked(("cn", "mail"), "DC=contoso,DC=example") == frozenset()
    assert directory.dropped == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password(way: str, lab: Lab) -> None:
    with pytest.raises(ConnectError, match="the user name or the password is wrong"):
        connect(lab, Account("nobody", "wrong"), **WAYS[way])


def test_negotiate_inside_tls_is_refused_by_this_server_and_says_what_helps(lab: Lab) -> None:
    """Samba 4.17 wants sign or seal even there; that it gets so far shows that the sign-in itself was right."""
    with pytest.raises(ConnectError, match=r"strongerAuthRequired \(8\)") as raised:
        connect(lab, lab.reader, authentication="negotiate")
    assert "a simple bind on ldaps://" in raised.value.next_step


def test_another_ca(lab: Lab) -> None:
    with pytest.raises(ConnectError, match=r"is unknown|not known here"):
        connect(lab, lab.reader, ca_file=None)


def test_the_host_name_is_as_good_as_the_address(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: lookup(lab.address, *rest, **more))
    with live.connect(f"ldaps://{HOST}", user=lab.reader.user, password=lab.reader.password, ca_file=lab.ca_file) as signed_in:
        assert signed_in.root.forest == "contoso.example"


def test_a_server_that_goes_away_in_the_middle_is_said(fresh_lab: Lab) -> None:
    with connect(fresh_lab, fresh_lab.administrator, scheme="ldap", page_size=10) as signed_in:
        batches = signed_in.search(Search(fresh_lab.schema, EVERYTHING, ("cn",)))
        next(batches)
        fresh_lab.stop()
        with pytest.raises(IncompleteError, match=r"the connection broke|closed the connection"):
            list(batches)


def test_a_group_with_more_members_than_a_range_holds(fresh_lab: Lab) -> None:
    """Samba sends all of them at once; ranges are asked for by hand, to see that it speaks them as the follow-ups do."""
    users = [f"CN=Member {at:04},OU=Crowd,{fresh_lab.domain}" for at in range(40)]
    made = [f"dn: OU=Crowd,{fresh_lab.domain}\nobjectClass: organizationalUnit\n"]
    made += [f"dn: {dn}\nobjectClass: contact\n" for dn in users]
    made.append(f"dn: CN=Crowd,OU=Crowd,{fresh_lab.domain}\nobjectClass: group\n" + "".join(f"member: {dn}\n" for dn in users))
    fresh_lab.modify("\n".join(made))
    with connect(fresh_lab, fresh_lab.reader) as signed_in:
        group = f"CN=Crowd,OU=Crowd,{fresh_lab.domain}"
        [whole] = table(signed_in, group, "member", scope=Scope.BASE)["member"].to_pylist()
        rest = signed_in._searcher._rest(group.encode(), "member", 7)
    assert len(whole) == 40
    assert rest == whole[7:]
