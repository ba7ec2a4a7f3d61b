"""Addresses of this machine only."""

import pytest

from service.security.address import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "::1", "localhost", "LOCALHOST"])
def test_loopback(host):
    """Other machines cannot reach these."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.0.0.7", "[fe80::1]", "0", "127.1", "localhost.evil.org", ""])
def test_what_is_not_surely_loopback_is_public(host):
    """Any other address and name is held to be reached."""
    assert not is_loopback(host)
