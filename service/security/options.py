"""The part of the server's command line that is about who may reach it."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
from prometheus_client import Gauge

from service.faults import CannotStart, UnusableCredentials
from service.security.address import LOOPBACK, is_loopback
from service.security.guard import Guard
from service.security.tls import CERTIFICATE, CLIENT_CA, KEY, Tls
from service.security.tokens import TOKENS


@dataclass(frozen=True, slots=True)
class Security:
    """
    What an operator may choose about security.

    Attributes:
        tls: Certificates of the server; None speaks plaintext.
        tokens: File of the tokens that calls may bring; None asks for none.
        metrics_host: Address of ``/metrics``.
        health_port: A port for probes that speak no TLS, which answers nothing but health; None opens none.
    """

    tls: Tls | None = None
    tokens: Path | None = None
    metrics_host: str = LOOPBACK
    health_port: int | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        group = parser.add_argument_group("security")
        group.add_argument(CERTIFICATE, type=Path, metavar="FILE", help="certificate of the server with its chain, PEM")
        group.add_argument(KEY, type=Path, metavar="FILE", help="the key of it; both are read again when they change")
        group.add_argument(
            CLIENT_CA, type=Path, metavar="FILE", help="clients must show a certificate of these authorities"
        )
        group.add_argument(
            TOKENS,
            type=Path,
            metavar="FILE",
            help="calls must bring a token of this file, which is read again likewise",
        )
        group.add_argument(
            "--allow-plaintext",
            action="store_true",
            help="listen without TLS on an address that other machines reach: something else must protect the calls",
        )
        group.add_argument("--metrics-host", metavar="HOST", help="of /metrics; default: this machine only")
        group.add_argument("--health-port", type=int, metavar="PORT", help="answers health alone, without TLS")

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace, host: str) -> "Security":
        """
        Read the options.

        Args:
            arguments: Of the command line.
            host: Address to listen on.

        Raises:
            CannotStart: options do not fit together, or calls would cross a network in the open.
        """
        certificate, key, client_ca = arguments.tls_certificate, arguments.tls_key, arguments.tls_client_ca
        if (certificate is None) != (key is None) or (client_ca and not certificate):
            raise CannotStart(f"{CERTIFICATE} and {KEY} go together, and {CLIENT_CA} with both")
        if not certificate and not is_loopback(host) and not arguments.allow_plaintext:
            raise CannotStart(
                f"--listen {host}: other machines reach this address, and CTs would come in the open; "
                f"give {CERTIFICATE} and {KEY}, or --allow-plaintext where a proxy or mesh encrypts"
            )
        if arguments.health_port is not None and not 0 <= arguments.health_port <= 65535:
            raise CannotStart(f"--health-port {arguments.health_port}: must be from 0 to 65535")
        return cls(
            tls=Tls(certificate, key, client_ca) if certificate else None,
            tokens=arguments.tokens,
            metrics_host=arguments.metrics_host or (host if is_loopback(host) else LOOPBACK),
            health_port=arguments.health_port,
        )

    def interceptors(self) -> list[grpc.aio.ServerInterceptor]:
        """
        What stands before the calls.

        Raises:
            CannotStart: the file of tokens cannot be used.
        """
        try:
            return [Guard(self.tokens)] if self.tokens else []
        except UnusableCredentials as fault:
            raise CannotStart(str(fault)) from fault

    def open_port(self, server: grpc.aio.Server, address: str, expiry: Gauge | None = None) -> int:
        """
        Let a server listen.

        Args:
            server: It.
            address: HOST:PORT; port 0 lets the system choose.
            expiry: Is told when certificates expire.

        Returns:
            The port.

        Raises:
            CannotStart: the port is taken, or the certificates cannot be used.
        """
        try:
            if self.tls:
                return server.add_secure_port(address, self.tls.credentials(expiry))
            return server.add_insecure_port(address)
        except UnusableCredentials as fault:
            raise CannotStart(str(fault)) from fault
        except RuntimeError as error:
            raise CannotStart(f"cannot listen on {address}; is another server there?") from error
