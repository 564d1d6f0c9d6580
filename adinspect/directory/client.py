"""ldap3, imported in the one place where the warnings of its import are silenced."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # ldap3 2.9.1 reads names that pyasn1 0.6 has deprecated
    warnings.filterwarnings("ignore", "(tag|type)Map is deprecated", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPExceptionError
    from ldap3.core.results import RESULT_CODES
    from ldap3.operation.abandon import abandon_operation
    from ldap3.operation.search import search_operation
    from ldap3.operation.unbind import unbind_operation
    from ldap3.protocol.controls import build_control
    from ldap3.protocol.convert import build_controls_list
    from ldap3.protocol.microsoft import security_descriptor_control
    from ldap3.protocol.rfc2696 import paged_search_control
    from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
    from ldap3.protocol.sasl.sasl import send_sasl_negotiation
    from ldap3.utils.asn1 import encode

__all__ = [
    "RESULT_CODES",
    "LDAPExceptionError",
    "LDAPMessage",
    "MessageID",
    "ProtocolOp",
    "abandon_operation",
    "build_control",
    "build_controls_list",
    "encode",
    "ldap3",
    "paged_search_control",
    "search_operation",
    "security_descriptor_control",
    "send_sasl_negotiation",
    "unbind_operation",
]
