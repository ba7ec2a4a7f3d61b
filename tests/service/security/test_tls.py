"""TLS of a server, over real connections."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme
from prometheus_client import CollectorRegistry, Gauge

from service.client import NodeClassifier
from service.faults import UnusableCredentials
from service.refusal import ServerUnreachable
from service.security.certificates import expiry_of
from service.security.credentials import Access
from service.security.tls import Tls
from tests.service.security.authorities import answering, write_ca, write_pair

CA, OTHER = trustme.CA(), trustme.CA()


@pytest.fixture
def trusted(tmp_path):
    """The authority that clients trust."""
    return write_ca(CA, tmp_path / "ca.pem")


@pytest.fixture
def pair(tmp_path):
    """Certificate and key of the server."""
    return write_pair(CA, tmp_path)


def ask(address, **access):
    """Make a call."""
    with NodeClassifier(address, connect_timeout_s=3.0, access=Access(**access)) as classifier:
        return classifier.models()


def refusal(address, **access):
    """What is said of a call that comes to nothing."""
    with pytest.raises(ServerUnreachable) as caught:
        ask(address, **access)
    assert address in str(caught.value)
    return str(caught.value)


def test_who_trusts_the_authority_is_answered(pair, trusted, tmp_path):
    """Others are told what is wrong, and what to give: wrong authority, no TLS, another name."""
    with answering(Tls(*pair).credentials()) as (address, _):
        assert () == ask(address, ca=trusted)
        assert "not trusted here" in refusal(address, ca=write_ca(OTHER, tmp_path / "other.pem"))
        assert "may want TLS" in refusal(address)
    with answering(Tls(*write_pair(CA, tmp_path, "elsewhere")).credentials()) as (address, _):
        assert "is for another name" in refusal(address, ca=trusted)


def test_a_server_without_tls_is_told(trusted):
    """A client that speaks TLS learns that the server does not."""
    with answering(None) as (address, _):
        assert "speaks no TLS" in refusal(address, ca=trusted)


def test_an_expired_certificate_is_told(trusted, tmp_path):
    """Its operator must renew it."""
    then = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    expired = write_pair(CA, tmp_path, not_before=then, not_after=then + datetime.timedelta(days=1))
    with answering(Tls(*expired).credentials()) as (address, _):
        assert "has expired" in refusal(address, ca=trusted)


def test_clients_show_certificates_where_they_must(pair, trusted, tmp_path):
    """With authorities for clients, none and one of another authority are refused."""
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    good, bad = write_pair(CA, tmp_path / "good", "pacs"), write_pair(OTHER, tmp_path / "bad", "pacs")
    with answering(Tls(*pair, client_ca=trusted).credentials()) as (address, _):
        assert () == ask(address, ca=trusted, certificate=good[0], key=good[1])
        assert "--client-certificate" in refusal(address, ca=trusted)
        assert "--client-certificate" in refusal(address, ca=trusted, certificate=bad[0], key=bad[1])


def test_certificates_are_renewed_without_a_restart(pair, trusted, tmp_path, caplog):
    """New connections get the new certificate; a broken one leaves the old one, and is logged."""
    other = write_ca(OTHER, tmp_path / "other.pem")
    certificate, key = pair
    with answering(Tls(certificate, key).credentials()) as (address, _):
        assert () == ask(address, ca=trusted)
        half = certificate.read_bytes()[:200]
        certificate.write_bytes(half)
        assert () == ask(address, ca=trusted)
        assert "what was read before stays" in caplog.text
        write_pair(OTHER, tmp_path)
        assert () == ask(address, ca=other)
        assert "not trusted here" in refusal(address, ca=trusted)


def test_it_is_told_when_certificates_expire(pair, trusted, tmp_path):
    """Of the server, also after a renewal, and of the authorities for clients."""
    registry = CollectorRegistry()
    gauge = Gauge("expiry", "When.", ("file",), registry=registry)
    renewed = datetime.datetime(2033, 1, 1, tzinfo=datetime.UTC)
    with answering(Tls(*pair, client_ca=trusted).credentials(gauge)) as (address, _):
        first = registry.get_sample_value("expiry", {"file": "certificate"})
        write_pair(CA, tmp_path, not_after=renewed)
        assert () == ask(address, ca=trusted, certificate=pair[0], key=pair[1])

    assert expiry_of(trusted.read_bytes()) == registry.get_sample_value("expiry", {"file": "client_ca"})
    assert first > renewed.timestamp() == registry.get_sample_value("expiry", {"file": "certificate"})


def test_no_connection_fails_while_certificates_are_written(pair, trusted, tmp_path):
    """Files that are replaced in place, one after the other, are seen half-written and not to fit; nobody notices."""
    with answering(Tls(*pair).credentials()) as (address, _), ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(lambda: [write_pair(CA, tmp_path) for _ in range(100)])
        connected = 0
        while not renewing.done() or not connected:
            assert () == ask(address, ca=trusted)
            connected += 1
        assert 100 == len(renewing.result())


def test_what_cannot_be_used_is_refused_at_the_start(pair, tmp_path):
    """A missing file, and authorities that are none."""
    with pytest.raises(UnusableCredentials, match="--tls-certificate: the file cannot be read"):
        Tls(tmp_path / "none", pair[1]).credentials()
    with pytest.raises(UnusableCredentials, match="--tls-client-ca: must hold"):
        Tls(*pair, client_ca=pair[1]).credentials()
