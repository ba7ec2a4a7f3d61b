"""Connections that came to nothing."""

import pytest

from service.security.handshake import explained


@pytest.mark.parametrize("details", ["Connection refused (111)", "Domain name not found", ""])
def test_what_has_nothing_to_do_with_certificates_is_left_alone(details):
    """Other causes are told elsewhere; those of certificates are tested over connections, with `Tls`."""
    assert explained(details, "localhost:1") is None


def test_the_cause_is_repeated_once():
    """Of gRPC's chain of causes the last one is told."""
    told = explained("Tls handshake failed: CERTIFICATE_VERIFY_FAILED: self signed certificate: OK", "pacs:1")

    assert "the server at pacs:1 shows a certificate that is not trusted here (self signed certificate);" in told
