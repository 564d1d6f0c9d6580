"""What would be wrong or unsafe is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from adinspect.directory.endpoint import Endpoint, Security, endpoint
from adinspect.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "options", "expected"),
    [
        ("ldap://dc1.contoso.com", {}, ("dc1.contoso.com", 389, Security.NONE, True)),
        ("ldap://dc1.contoso.com", {"authentication": "negotiate"}, ("dc1.contoso.com", 389, Security.NONE, True)),
        ("ldap://dc1.contoso.com/", {"start_tls": True}, ("dc1.contoso.com", 389, Security.START_TLS, False)),
        ("ldaps://dc1.contoso.com", {}, ("dc1.contoso.com", 636, Security.TLS, False)),
        ("LDAPS://DC1.contoso.com", {"authentication": "simple"}, ("dc1.contoso.com", 636, Security.TLS, False)),
        ("ldaps://dc1:1636", {"authentication": "negotiate"}, ("dc1", 1636, Security.TLS, True)),
        ("ldap://192.0.2.7:390", {}, ("192.0.2.7", 390, Security.NONE, True)),
        ("ldap://[2001:db8::7]", {}, ("2001:db8::7", 389, Security.NONE, True)),
    ],
)
def test_a_server_and_how_to_sign_in(url: str, options: dict[str, Any], expected: tuple[str, int, Security, bool]) -> None:
    settings: dict[str, Any] = {"authentication": "auto", "start_tls": False} | options
    assert endpoint(url, **settings) == Endpoint(url, *expected)


@pytest.mark.parametrize(
    ("url", "options", "what"),
    [
        (
            "ldap://dc1.contoso.com",
            {"authentication": "simple"},
            "would send the password in clear text",
        ),
        ("ldaps://dc1.contoso.com", {"start_tls": True}, "StartTLS is for ldap://"),
        ("ldaps://dc1.contoso.com", {"authentication": "ntlm"}, "'ntlm' is no way to sign in"),
        ("ldap://dc1.contoso.com:3268", {}, "port 3268 is the global catalog"),
        ("ldaps://dc1.contoso.com:3269", {}, "port 3269 is the global catalog"),
        ("dc1.contoso.com", {}, "is no LDAP URL"),
        ("dc1.contoso.com:389", {}, "is no LDAP URL"),
        ("http://dc1.contoso.com", {}, "is no LDAP URL"),
        ("http://dc1.contoso.com:389", {}, "is no LDAP URL"),
        ("ldapi:///var/run/ldapi", {}, "is no LDAP URL"),
        ("ldap://", {}, "is no LDAP URL"),
        ("ldap://dc1:port", {}, "is no LDAP URL"),
        ("ldap://dc1:99999", {}, "is no LDAP URL"),
        ("ldap://[2001:db8::7", {}, "is no LDAP URL"),
        ("ldap://dc1/DC=contoso,DC=com", {}, "is no LDAP URL"),
        ("ldap://dc1?cn", {}, "is no LDAP URL"),
        ("ldap://dc1#x", {}, "is no LDAP URL"),
        ("", {}, "is no LDAP URL"),
    ],
)
def test_what_is_refused(url: str, options: dict[str, Any], what: str) -> None:
    settings: dict[str, Any] = {"authentication": "auto", "start_tls": False} | options
    with pytest.raises(ConfigurationError) as raised:
        endpoint(url, **settings)
    assert what in raised.value.what
    assert raised.value.exit_code == 2


def test_a_url_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="holds no user and no password") as raised:
        endpoint("ldap://ada:S3cret@dc1.contoso.com", "auto", start_tls=False)
    assert "S3cret" not in str(raised.value)
