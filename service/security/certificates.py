"""Certificates and keys: looked at before they are used."""

import ssl
from collections.abc import Sequence
from math import nan
from pathlib import Path

from cryptography import x509

from service.faults import UnusableCredentials
from service.security.watch import contents_of


def require_pair(files: dict[str, Path], contents: Sequence[bytes]) -> None:
    """
    Check that a key is that of a certificate.

    Args:
        files: The certificate's file, then the key's, by the options that named them; others may follow.
        contents: What was read from them.

    Raises:
        UnusableCredentials: they do not fit, are no PEM or need a password, or the files hold something else by now.
    """
    (certificate_option, certificate), (key_option, key) = list(files.items())[:2]
    try:
        # Python checks files only, so that what was checked is what was read if it is still there afterwards.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UnusableCredentials(
            f"{certificate_option} and {key_option}: must be a certificate with its chain and the key of it, both PEM "
            "and without a password"
        ) from error
    if list(contents) != contents_of(files):
        raise UnusableCredentials(f"{certificate_option} and {key_option}: were written while they were read")


def expiry_of(content: bytes) -> float:
    """
    When the first of some certificates expires, in seconds since 1970; NaN where a certificate is not as it should be.

    Args:
        content: One or more certificates, PEM; they have been found to be usable.
    """
    try:
        return min(each.not_valid_after_utc.timestamp() for each in x509.load_pem_x509_certificates(content))
    except ValueError:
        return nan


def require_authorities(option: str, content: bytes) -> None:
    """
    Check that a file holds certificates of authorities.

    Args:
        option: That named the file.
        content: Of the file.

    Raises:
        UnusableCredentials: it holds none.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=content.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise UnusableCredentials(f"{option}: must hold the certificate of an authority, PEM") from error
