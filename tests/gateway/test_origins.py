"""Origins: which are one, and which are ours."""

import pytest
from starlette.requests import Request

from domain.addresses import is_loopback
from gateway.origins import is_origin, is_own, of_address


@pytest.mark.parametrize(
    "origin", ["https://shop.example", "http://127.0.0.1:8080", "http://[::1]:8080", "https://a-b.c.example:8443"]
)
def test_is_an_origin(origin):
    assert is_origin(origin)


@pytest.mark.parametrize(
    "text",
    ["", "null", "*", "shop.example", "https://shop.example/", "https://a.example, https://b.example", "file://",
     "javascript:alert(1)", "https://a.example\r\nX: y", "https://" + "a" * 400, "HTTPS://SHOP.EXAMPLE"],
)  # fmt: skip
def test_is_none(text):
    assert not is_origin(text)


def test_origins_of_where_we_listen():
    assert of_address("http", "127.0.0.1", 8080) == {
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
    }
    assert of_address("https", "voice.example", 443) == {"https://voice.example"}
    assert of_address("https", "2001:db8::1", 8443) == {"https://[2001:db8::1]:8443"}
    assert of_address("https", "0.0.0.0", 8443) == frozenset()


def test_loopback():
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, (None, "", "10.0.0.1", "0.0.0.0", "::", "128.0.0.1")))


def asked_at(host: str, scheme: str = "https") -> Request:
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": [(b"host", host.encode())]})


def test_our_own_pages_are_at_the_configured_addresses():
    own = frozenset({"https://voice.example"})
    assert is_own(asked_at("voice.example"), "https://voice.example", own)
    # A name that somebody else points at us is not ours, though the request came by it.
    assert not is_own(asked_at("evil.example"), "https://evil.example", own)


def test_without_a_configured_address_they_are_where_the_request_was_sent():
    assert is_own(asked_at("Voice.example:8443"), "https://voice.example:8443", frozenset())
    assert not is_own(asked_at("voice.example"), "https://evil.example", frozenset())
    assert not is_own(asked_at("voice.example"), "http://voice.example", frozenset())
