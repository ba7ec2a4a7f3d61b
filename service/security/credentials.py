"""What a client proves the server by, and itself with."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from service.faults import UnusableCredentials
from service.security.address import is_loopback
from service.security.certificates import require_authorities, require_pair
from service.security.watch import contents_of

CA = "--ca"
CERTIFICATE = "--client-certificate"
KEY = "--client-key"
TOKEN_FILE = "--token-file"

Options = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Access:
    """
    How a client reaches a server; by default in plaintext and without a token.

    Attributes:
        tls: Speak TLS; so does whoever gives ``ca`` or ``certificate``.
        ca: Authorities that may vouch for the server, PEM; None is those that gRPC brings.
        certificate: Of the client, with its chain, PEM; for servers that ask for one.
        key: The key of it.
        token_file: Holds the client's token; it is read for each call, so that it may be replaced.
    """

    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        parser.add_argument("--tls", action="store_true", help="speak TLS, and trust the authorities that all trust")
        parser.add_argument(CA, type=Path, metavar="FILE", help="speak TLS, and trust these authorities, PEM")
        parser.add_argument(CERTIFICATE, type=Path, metavar="FILE", help="shown to a server that asks for one, PEM")
        parser.add_argument(KEY, type=Path, metavar="FILE", help="the key of it, PEM")
        parser.add_argument(TOKEN_FILE, type=Path, metavar="FILE", help="holds the token that the server wants")

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> "Access":
        """Read the options."""
        return cls(
            tls=arguments.tls,
            ca=arguments.ca,
            certificate=arguments.client_certificate,
            key=arguments.client_key,
            token_file=arguments.token_file,
        )

    def channel(self, address: str, options: Options) -> grpc.Channel:
        """
        A channel for ordinary code.

        Args:
            address: HOST:PORT.
            options: Of the channel.

        Raises:
            UnusableCredentials: a file cannot be used, or a token would cross a network in the open.
        """
        credentials = self._credentials(address)
        if credentials is None:
            return grpc.insecure_channel(address, options=options)
        return grpc.secure_channel(address, credentials, options=options)

    def aio_channel(self, address: str, options: Options) -> grpc.aio.Channel:
        """The same for asyncio."""
        credentials = self._credentials(address)
        if credentials is None:
            return grpc.aio.insecure_channel(address, options=options)
        return grpc.aio.secure_channel(address, credentials, options=options)

    def _credentials(self, address: str) -> grpc.ChannelCredentials | None:
        secure = self._tls() if self.tls or self.ca or self.certificate or self.key else None
        if self.token_file is None:
            return secure
        if secure is None and not is_loopback(address.rpartition(":")[0]):
            raise UnusableCredentials(
                f"{TOKEN_FILE}: the token would go to {address} in the open; give {CA} or --tls as well"
            )
        token = grpc.metadata_call_credentials(_Token(self.token_file))
        return grpc.composite_channel_credentials(secure or grpc.local_channel_credentials(), token)

    def _tls(self) -> grpc.ChannelCredentials:
        ca = None
        if self.ca:
            [ca] = contents_of({CA: self.ca})
            require_authorities(CA, ca)
        if not self.certificate and not self.key:
            return grpc.ssl_channel_credentials(ca)
        if not self.certificate or not self.key:
            raise UnusableCredentials(f"{CERTIFICATE} and {KEY} go together")
        files = {CERTIFICATE: self.certificate, KEY: self.key}
        certificate, key = contents_of(files)
        require_pair(files, [certificate, key])
        return grpc.ssl_channel_credentials(ca, key, certificate)


class _Token(grpc.AuthMetadataPlugin):
    """
    Brings a token with each call.

    Raises:
        UnusableCredentials: there is none in the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token()

    def __call__(self, context: grpc.AuthMetadataContext, callback: Callable[[Any, Exception | None], None]) -> None:
        """Give gRPC what a call is to bring."""
        try:
            callback((("authorization", f"Bearer {self._token()}"),), None)
        except UnusableCredentials as fault:
            callback((), fault)

    def _token(self) -> str:
        words = contents_of({TOKEN_FILE: self._path})[0].decode("ascii", errors="replace").split()
        if len(words) != 1 or not words[0].isascii():
            raise UnusableCredentials(f"{TOKEN_FILE}: the file must hold one token and nothing else")
        return words[0]


PLAINTEXT = Access()
"""No TLS and no token."""
