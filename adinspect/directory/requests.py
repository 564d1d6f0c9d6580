"""The requests that are ever sent once signed in: search, abandon, unbind. ldap3 encodes them; there is none that writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from adinspect.directory import Scope, Search
from adinspect.directory.client import (
    LDAPMessage,
    MessageID,
    ProtocolOp,
    abandon_operation,
    build_control,
    build_controls_list,
    encode,
    ldap3,
    paged_search_control,
    search_operation,
    security_descriptor_control,
    unbind_operation,
)

DOMAIN_SCOPE = "1.2.840.113556.1.4.1339"
"""LDAP_SERVER_DOMAIN_SCOPE_OID: no references to other naming contexts ([MS-ADTS] 3.1.1.3.4.1.4)."""

DACL_SECURITY_INFORMATION = 4
"""Of nTSecurityDescriptor only the DACL: who may not read the other parts gets none of it ([MS-ADTS] 3.1.1.3.4.1.11)."""

NO_ATTRIBUTES = "1.1"
"""RFC 4511, 4.5.1.8: asks for entries without attributes, where an empty list would ask for all of them."""

_SCOPES = {Scope.BASE: ldap3.BASE, Scope.SUBTREE: ldap3.SUBTREE}

Request = Callable[[int], bytes]
"""A request that is encoded once its message id is known."""


def search(search: Search, seconds: float, controls: Sequence[Any] = ()) -> Request:
    """A search that follows no alias; `seconds` is the server's own time limit."""
    operation = search_operation(
        search.base,
        search.filter.text,
        _SCOPES[search.scope],
        ldap3.DEREF_NEVER,
        list({name.lower(): name for name in search.attributes}.values()) or [NO_ATTRIBUTES],
        size_limit=0,
        time_limit=math.ceil(seconds),
        types_only=False,
        auto_escape=False,
        auto_encode=False,
    )
    return lambda number: _message(number, "searchRequest", operation, controls)


def abandon(request: int) -> Request:
    """Tells the server that nobody waits for the answer to an earlier request any more."""
    return lambda number: _message(number, "abandonRequest", abandon_operation(request))


def unbind() -> Request:
    """Ends the session."""
    return lambda number: _message(number, "unbindRequest", unbind_operation())


def page(size: int, cookie: bytes) -> Any:
    """The control that asks for the next page; critical, since without it the server may end a search early."""
    return paged_search_control(criticality=True, size=size, cookie=cookie)


def domain_scope() -> Any:
    """The control that keeps references out of the answer."""
    return build_control(DOMAIN_SCOPE, False, None)


def dacl_only() -> Any:
    """The control that limits nTSecurityDescriptor to the DACL."""
    [control] = security_descriptor_control(criticality=True, sdflags=DACL_SECURITY_INFORMATION)
    return control


def _message(number: int, kind: str, operation: Any, controls: Sequence[Any] = ()) -> bytes:
    message = LDAPMessage()
    message["messageID"] = MessageID(number)
    message["protocolOp"] = ProtocolOp().setComponentByName(kind, operation)
    if controls:
        message["controls"] = build_controls_list(list(controls))
    encoded: bytes = encode(message)
    return encoded
