"""Certificates and keys, before they are used."""

import datetime
from math import isnan

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from service.faults import UnusableCredentials
from service.security.certificates import expiry_of, require_authorities, require_pair
from service.security.watch import contents_of
from tests.service.security.authorities import write_pair

CA = trustme.CA()


@pytest.fixture
def files(tmp_path):
    """A certificate and its key, by option."""
    return dict(zip(("--certificate", "--key"), write_pair(CA, tmp_path), strict=True))


def test_a_pair_that_fits(files):
    """A certificate with its chain and its key pass; so does its authority."""
    require_pair(files, contents_of(files))
    require_authorities("--ca", CA.cert_pem.bytes())


@pytest.mark.parametrize("which", ["--certificate", "--key"])
@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\x00", CA.issue_cert("other").private_key_pem.bytes()])
def test_a_pair_that_does_not_fit(files, which, content):
    """Rubbish, half a file and the key of another certificate are refused by their options."""
    files[which].write_bytes(content)

    with pytest.raises(UnusableCredentials, match=r"^--certificate and --key: must be"):
        require_pair(files, contents_of(files))


def test_a_key_with_a_password_is_refused_without_asking(files):
    """Nobody is there to type it."""
    key = serialization.load_pem_private_key(files["--key"].read_bytes(), None)
    secured = serialization.BestAvailableEncryption(b"password")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    files["--key"].write_bytes(key.private_bytes(*form, secured))

    with pytest.raises(UnusableCredentials, match="without a password"):
        require_pair(files, contents_of(files))


def test_files_that_change_meanwhile_are_not_trusted(files):
    """What was checked must be what was read."""
    before = contents_of(files)
    write_pair(CA, files["--key"].parent)

    with pytest.raises(UnusableCredentials, match="were written while they were read"):
        require_pair(files, before)


def test_the_first_certificate_of_a_chain_tells_when_it_ends(tmp_path):
    """Whatever comes after it in the file, and whether a key stands there too."""
    first = datetime.datetime(2031, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
    certificate, key = write_pair(CA, tmp_path, not_after=first)
    content = CA.cert_pem.bytes() + key.read_bytes() + certificate.read_bytes()

    assert first.timestamp() == expiry_of(content) < expiry_of(CA.cert_pem.bytes())


@pytest.mark.parametrize("content", [b"", b"rubbish"])
def test_what_is_no_certificate_never_ends(content):
    """Its end is no number, which no alert takes for near."""
    assert isnan(expiry_of(content))


@pytest.mark.parametrize("content", [b"", b"rubbish", "Zürich".encode()])
def test_no_authority(content):
    """A file without a certificate is refused by its option."""
    with pytest.raises(UnusableCredentials, match=r"^--ca: must hold the certificate of an authority"):
        require_authorities("--ca", content)
