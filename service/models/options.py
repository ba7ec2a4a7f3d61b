"""What an operator may choose about the models of a server."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from service.faults import CannotStart
from service.models.trial import Trial

POLL_S = 5.0


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """
    How models are taken up and tried.

    Attributes:
        allow_research: Serve models that did not pass their release gates too.
        poll_s: Seconds between two looks at the folder; 0 looks at SIGHUP only.
        canaries: Versions that answer a share of the requests for their model that name no version.
        shadow: The model that scores a share of the crops once more, for the metrics only; None is none.
    """

    allow_research: bool = False
    poll_s: float = POLL_S
    canaries: tuple[Trial, ...] = ()
    shadow: Trial | None = None

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        group = parser.add_argument_group("models")
        group.add_argument(
            "--allow-research", action="store_true", help="serve models that did not pass their release gates too"
        )
        group.add_argument(
            "--poll-seconds",
            type=float,
            default=POLL_S,
            help="between two looks at the models' folder; 0: only at SIGHUP; default: %(default)s",
        )
        group.add_argument(
            "--canary",
            action="append",
            default=[],
            metavar="NAME@VERSION=SHARE",
            help="a version that answers a share of the requests that name none; may be given for several names",
        )
        group.add_argument(
            "--shadow", metavar="NAME[@VERSION]", help="a model that scores a share of the crops for the metrics only"
        )
        group.add_argument("--shadow-share", type=float, default=0.1, metavar="SHARE", help="default: %(default)s")

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> "ModelOptions":
        """
        Read what was given.

        Raises:
            CannotStart: a time or a share is impossible, or a model is not named as it must be.
        """
        if not (isfinite(args.poll_seconds) and args.poll_seconds >= 0):
            raise CannotStart(f"--poll-seconds must be at least 0, got {args.poll_seconds:g}")
        return cls(
            allow_research=args.allow_research,
            poll_s=args.poll_seconds,
            canaries=_canaries(args.canary),
            shadow=Trial.from_text("shadow", args.shadow, args.shadow_share) if args.shadow else None,
        )


def _canaries(texts: Sequence[str]) -> tuple[Trial, ...]:
    canaries = tuple(map(_canary, texts))
    names = [canary.name for canary in canaries]
    if len(set(names)) < len(names):
        raise CannotStart("--canary: a model has one canary at most")
    return canaries


def _canary(text: str) -> Trial:
    named, _, share = text.rpartition("=")
    try:
        canary = Trial.from_text("canary", named, float(share))
    except ValueError as error:
        raise CannotStart(f"--canary {text}: must be NAME@VERSION=SHARE, such as cnn-gap@2=0.05") from error
    if not canary.version:
        raise CannotStart(f"--canary {text}: must name a version, as in {canary.name}@2=0.05")
    return canary
