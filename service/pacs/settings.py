"""How one bridge differs from another."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.arguments import SEPARATIONS, add_edge, add_model
from service.dicom.kinds import ALL, ResultKind
from service.faults import CannotStart
from service.options import ClassifyOptions, HeatmapOutput
from service.pacs.bridge import Pace
from service.pacs.listener import Entity
from service.pacs.orthanc import OrthancAddress
from service.pacs.peer import AE_TITLE, Peer
from service.pacs.rules import NODES, Rule
from service.pacs.scorer import Choices
from service.security.credentials import Access

CREDENTIALS = "NODELENS_ORTHANC_CREDENTIALS"
"""Variable that holds ``user:password`` for an Orthanc, where no file is named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What an operator may choose for every bridge.

    Attributes:
        journal: File that it remembers in.
        server: HOST:PORT of the service.
        timeout_s: What one answer of the service is allowed.
        access: How the service is reached.
        rule: What marks nodes.
        choices: What the service is asked for.
        pace: How hard it tries.
        metrics_host: Address of ``/metrics``.
        metrics_port: Port of it; 0 lets the system choose.
    """

    journal: Path
    server: str
    timeout_s: float
    access: Access
    rule: Rule
    choices: Choices
    pace: Pace
    metrics_host: str
    metrics_port: int

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT", help="default: %(default)s")
        parser.add_argument("--timeout", type=float, default=300.0, metavar="S", help="for one answer of the service")
        add_model(parser)
        parser.add_argument(
            "--match",
            default=NODES,
            metavar="REGEX",
            help="score what has it in its series description, segment label or region name; default: %(default)s",
        )
        parser.add_argument("--separation", choices=SEPARATIONS, default="components", help="default: %(default)s")
        add_edge(parser)
        parser.add_argument(
            "--without", type=ResultKind, choices=list(ResultKind), nargs="*", default=(), help="results to leave out"
        )
        parser.add_argument("--poll-seconds", type=float, default=2.0, metavar="S", help="default: %(default)g")
        parser.add_argument("--attempts", type=int, default=10, metavar="N", help="then a study is refused")
        parser.add_argument("--max-study-mib", type=int, default=2048, metavar="N", help="default: %(default)s")
        parser.add_argument(
            "--metrics", default="127.0.0.1:9465", metavar="HOST:PORT", help="of /metrics; default: %(default)s"
        )
        Access.add_arguments(parser)

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> "Settings":
        """
        Read the options.

        Raises:
            CannotStart: one of them is impossible.
        """
        try:
            rule = Rule(re.compile(args.match))
        except re.error as error:
            raise CannotStart(f"--match {args.match}: is no regular expression ({error})") from error
        host, _, port = args.metrics.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise CannotStart(f"--metrics {args.metrics}: must be HOST:PORT, such as 127.0.0.1:9465")
        if min(args.attempts, args.max_study_mib) < 1 or not min(args.poll_seconds, args.timeout) > 0:
            raise CannotStart("--attempts and --max-study-mib must be at least 1, --poll-seconds and --timeout above 0")
        options = ClassifyOptions(SEPARATIONS[args.separation], args.edge, HeatmapOutput.CROP)
        return cls(
            journal=args.journal,
            server=args.server,
            timeout_s=args.timeout,
            access=Access.from_arguments(args),
            rule=rule,
            choices=Choices(args.model, args.model_version, options, ALL - set(args.without)),
            pace=Pace(args.poll_seconds, args.attempts, args.max_study_mib << 20),
            metrics_host=host.strip("[]"),
            metrics_port=int(port),
        )


def add_orthanc_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is to be known of an Orthanc."""
    parser.add_argument("--orthanc", required=True, metavar="URL", help="root of its REST interface")
    parser.add_argument(
        "--credentials", type=Path, metavar="FILE", help=f"holds user:password; default: variable {CREDENTIALS}"
    )
    parser.add_argument("--orthanc-ca", type=Path, metavar="FILE", help="authorities that may vouch for it, PEM")
    parser.add_argument("--allow-plaintext", action="store_true", help="http:// where something else encrypts")
    parser.add_argument("--whole-archive", action="store_true", help="begin with the studies that it has already")


def orthanc_from(args: argparse.Namespace, environment: Mapping[str, str]) -> OrthancAddress:
    """
    Where an Orthanc is.

    Raises:
        CannotStart: it must not be asked like this, or the file cannot be used.
    """
    secret = environment.get(CREDENTIALS, "")
    if args.credentials:
        try:
            secret = args.credentials.read_text().strip()
        except (OSError, ValueError) as error:
            raise CannotStart(f"--credentials: the file cannot be read ({type(error).__name__})") from error
    user, colon, password = secret.partition(":")
    if secret and not colon:
        raise CannotStart(f"--credentials or {CREDENTIALS}: must hold user:password")
    if args.orthanc_ca and not args.orthanc_ca.is_file():
        raise CannotStart(f"--orthanc-ca {args.orthanc_ca}: no such file")
    address = OrthancAddress(args.orthanc, user, password, args.orthanc_ca)
    address.check(args.allow_plaintext)
    return address


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """
    What an operator may choose for a bridge that studies are sent to.

    Attributes:
        entity: How it is known.
        peer: Where results go.
        spool: Folder of what came.
        quiet_s: A study is complete when nothing has come for so long.
        limit_bytes: Largest content of the folder.
        keep_s: Studies are dropped when nothing has come for so long.
    """

    entity: Entity
    peer: Peer
    spool: Path
    quiet_s: float
    limit_bytes: int
    keep_s: float

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        parser.add_argument("--ae-title", default="NODELENS", metavar="AE", help="default: %(default)s")
        parser.add_argument("--bind", default="127.0.0.1", metavar="HOST", help="default: %(default)s")
        parser.add_argument("--port", type=int, default=11112, metavar="N", help="default: %(default)s")
        parser.add_argument("--allow", default="", metavar="AE,AE", help="AE titles that may send; needed for --bind")
        parser.add_argument("--send-to", required=True, metavar="AE@HOST:PORT", help="where results go, by C-STORE")
        parser.add_argument("--spool", type=Path, required=True, metavar="DIR", help="holds what came")
        parser.add_argument("--quiet-seconds", type=float, default=30.0, metavar="S", help="then a study is complete")
        parser.add_argument("--max-spool-gib", type=int, default=50, metavar="N", help="default: %(default)s")
        parser.add_argument("--keep-hours", type=float, default=24.0, metavar="H", help="then a study is dropped")

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> "ListenSettings":
        """
        Read the options.

        Raises:
            CannotStart: one of them is impossible.
        """
        callers = tuple(title for title in args.allow.split(",") if title)
        for title in (args.ae_title, *callers):
            if not AE_TITLE.fullmatch(title):
                raise CannotStart(f"{title!r} is no AE title; it has 1 to 16 characters without blanks and backslashes")
        if not 0 <= args.port <= 65535 or args.max_spool_gib < 1 or not min(args.quiet_seconds, args.keep_hours) > 0:
            raise CannotStart("--port, --max-spool-gib, --quiet-seconds and --keep-hours must be sensible numbers")
        entity = Entity(args.ae_title, args.bind, args.port, callers)
        entity.check()
        keep_s = args.keep_hours * 3600
        return cls(
            entity, Peer.from_text(args.send_to), args.spool, args.quiet_seconds, args.max_spool_gib << 30, keep_s
        )
