"""The part of the command line that is about security."""

from pathlib import Path

import pytest

from service.faults import CannotStart
from service.security.options import Security
from service.settings import Settings

TLS = ("--tls-certificate", "tls.crt", "--tls-key", "tls.key")


def security(*options):
    """The options, read."""
    return Settings.from_arguments(["--models", "models", *options]).security


def test_by_default_there_is_neither_tls_nor_token():
    """As long as no other machine reaches the server, nothing must be given; metrics are for this machine."""
    assert Security() == security()
    assert "[::1]" == security("--listen", "[::1]:0").metrics_host


@pytest.mark.parametrize("address", ["0.0.0.0:50051", "[::]:50051", "10.0.0.7:50051", "scanner-7:50051"])
def test_a_public_address_wants_tls(address):
    """Otherwise the server does not start, unless it is told that something else protects the calls."""
    with pytest.raises(CannotStart, match=r"other machines reach this address.* --allow-plaintext"):
        security("--listen", address, "--tokens", "tokens")
    assert Path("tls.crt") == security("--listen", address, *TLS).tls.certificate
    assert security("--listen", address, "--allow-plaintext").tls is None


def test_metrics_of_a_public_server_stay_on_the_machine():
    """They are served elsewhere only where that is said."""
    assert "127.0.0.1" == security("--listen", "0.0.0.0:50051", *TLS).metrics_host
    assert "0.0.0.0" == security("--metrics-host", "0.0.0.0").metrics_host


@pytest.mark.parametrize("options", [TLS[:2], TLS[2:], ("--tls-client-ca", "ca.pem")])
def test_half_of_a_pair_is_refused(options):
    """Certificate and key go together, and a client's authority with both."""
    with pytest.raises(CannotStart, match="go together"):
        security(*options)


def test_the_port_of_health_is_a_port():
    """Other numbers are refused."""
    with pytest.raises(CannotStart, match="--health-port 65536: must be from 0 to 65535"):
        security("--health-port", "65536")


def test_files_that_cannot_be_used_stop_the_start(tmp_path):
    """A server without its tokens or certificates would not be what its operator asked for."""
    with pytest.raises(CannotStart, match="--tokens: the file cannot be read"):
        security("--tokens", str(tmp_path / "none")).interceptors()
