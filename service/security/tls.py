"""TLS of the server, with certificates that may be renewed while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
from prometheus_client import Gauge

from service.security.certificates import expiry_of, require_authorities, require_pair
from service.security.watch import Watch

CERTIFICATE = "--tls-certificate"
KEY = "--tls-key"
CLIENT_CA = "--tls-client-ca"


@dataclass(frozen=True, slots=True)
class Tls:
    """
    The files of a server's TLS, all PEM.

    Attributes:
        certificate: Its certificate, with the chain.
        key: The key of it.
        client_ca: Authorities whose certificates clients must show; None asks clients for none.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """All files, by option."""
        pair = {CERTIFICATE: self.certificate, KEY: self.key}
        return pair if self.client_ca is None else {**pair, CLIENT_CA: self.client_ca}

    def credentials(self, expiry: Gauge | None = None) -> grpc.ServerCredentials:
        """
        What a port needs; the files are looked at for each new connection, and the old ones stay as they are.

        Args:
            expiry: Is told when the certificates that are in use expire, by file: ``certificate`` and ``client_ca``.

        Raises:
            UnusableCredentials: a file cannot be read, or they do not fit.
        """
        watch = Watch("TLS certificates", self.files, partial(self._configuration, expiry))
        return grpc.dynamic_ssl_server_credentials(
            watch.read(),
            watch.changed,  # type: ignore[arg-type]  # None leaves the old ones, as gRPC documents
            require_client_authentication=self.client_ca is not None,
        )

    def _configuration(self, expiry: Gauge | None, contents: Sequence[bytes]) -> grpc.ServerCertificateConfiguration:
        require_pair(self.files, contents)
        certificate, key, *authorities = contents
        for content in authorities:
            require_authorities(CLIENT_CA, content)
        for file, content in zip(("certificate", "client_ca"), (certificate, *authorities), strict=False):
            if expiry:
                expiry.labels(file).set(expiry_of(content))
        return grpc.ssl_server_certificate_configuration([(key, certificate)], *authorities)
