"""Which addresses are this machine's own."""

import pytest

from domain.addresses import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", [None, "", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.com", "localhost.evil.org"])
def test_elsewhere(host: str | None) -> None:
    assert not is_loopback(host)
