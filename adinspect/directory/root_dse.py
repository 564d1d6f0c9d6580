"""What a domain controller says of itself: its rootDSE ([MS-ADTS] 3.1.1.3.2) as a Root."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from adinspect import distinguished_name, security_identifier
from adinspect.directory import Contexts, Root
from adinspect.directory.ber import MalformedError
from adinspect.directory.channel import EndedError
from adinspect.directory.paging import Searcher
from adinspect.errors import ConnectError

ATTRIBUTES = (
    "defaultNamingContext",
    "configurationNamingContext",
    "schemaNamingContext",
    "rootDomainNamingContext",
    "namingContexts",
    "currentTime",
    "highestCommittedUSN",
    "dsServiceName",
    "supportedControl",
    "tokenGroups",
)

ANONYMOUS = "S-1-5-7"
"""Anonymous Logon ([MS-DTYP] 2.4.2.4)."""

Values = Mapping[str, list[bytes]]


def read(searcher: Searcher, url: str) -> Values:
    """The rootDSE's attributes, by lower-cased name.

    Raises:
        ConnectError: it was not shown, or is not that of an Active Directory domain controller.
    """
    try:
        values = dict(searcher.entry("", ATTRIBUTES))
    except (EndedError, MalformedError) as error:
        what = f"the server does not say what it is: {error}"
    else:
        if _one(values, "configurationNamingContext") and _one(values, "rootDomainNamingContext"):
            return values
        what = "this is not an Active Directory domain controller"
    raise ConnectError(what, where=url, next_step="Give the LDAP URL of a domain controller, or --domain to find one.")


def root(searcher: Searcher, values: Values, url: str, account: str) -> Root:
    """The rootDSE as the product knows it; asks the server for its invocation id.

    Raises:
        ConnectError: the server takes the account for nobody.
    """
    sids = frozenset(filter(None, map(sid, values.get("tokengroups", []))))
    if ANONYMOUS in sids:
        what = "the server let the account in as anonymous, who sees next to nothing"
        raise ConnectError(what, where=url, next_step="Sign in another way, or look at what stands between here and the server.")
    held = {context.lower() for context in _texts(values, "namingContexts")}
    root_domain, domain = _one(values, "rootDomainNamingContext"), _one(values, "defaultNamingContext")
    usn = _one(values, "highestCommittedUSN")
    return Root(
        forest=distinguished_name.dns_name(root_domain),
        source=url,
        contexts=Contexts(
            configuration=_one(values, "configurationNamingContext"),
            schema=_one(values, "schemaNamingContext") or None,
            root_domain=root_domain if root_domain.lower() in held else None,
            domains=(domain,) if domain else (),
        ),
        account=account,
        now=moment(_one(values, "currentTime")),
        highest_usn=int(usn) if usn.isdecimal() else None,
        invocation_id=_invocation_id(searcher, _one(values, "dsServiceName")),
        token_sids=sids,
    )


def knows(values: Values, control: str) -> bool:
    """Whether the server knows a control."""
    return control.encode() in values.get("supportedcontrol", [])


def sid(octets: bytes) -> str | None:
    """A security identifier as text ([MS-DTYP] 2.4.2); None where the octets are none."""
    try:
        return security_identifier.whole(octets)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """A generalized time in UTC as a domain controller writes it, 20261124080000.0Z; None where it is none."""
    try:
        return datetime.strptime(text.partition(".")[0].rstrip("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _invocation_id(searcher: Searcher, settings: str) -> str | None:
    """Which copy of the database this is: highestCommittedUSN counts in it alone. None where the account may not see it."""
    try:
        [octets] = dict(searcher.entry(settings, ["invocationId"])).get("invocationid", []) if settings else []
        return str(uuid.UUID(bytes_le=octets))
    except (EndedError, MalformedError, ValueError):
        return None


def _texts(values: Values, name: str) -> list[str]:
    return [octets.decode("utf-8", "replace") for octets in values.get(name.lower(), [])]


def _one(values: Values, name: str) -> str:
    """The first value, as text; empty where there is none."""
    return next(iter(_texts(values, name)), "")
