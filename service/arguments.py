"""Words that several commands take."""

import argparse
import sys

from imaging.crop import EdgePolicy
from imaging.separation import NodeSeparation

SEPARATIONS = {"components": NodeSeparation.CONNECTED_COMPONENTS, "labels": NodeSeparation.LABELS}


def complain(program: str, error: Exception) -> int:
    """Tell on stderr, in one line, what the user must mend; the exit code for it."""
    sys.stderr.write(f"{program}: {' '.join(str(error).split())}\n")
    return 2


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare which model is asked."""
    parser.add_argument("--model", default="", metavar="NAME", help="default: the server's default model")
    parser.add_argument("--model-version", type=int, default=0, metavar="N", help="default: the newest")


def add_edge(parser: argparse.ArgumentParser) -> None:
    """Declare what becomes of nodes at the edge of the CT."""
    parser.add_argument(
        "--edge",
        type=EdgePolicy,
        choices=list(EdgePolicy),
        default=EdgePolicy.REPORT,
        help="a node whose crop reaches beyond the CT is reported unscored, or scored with air there",
    )


def address(text: str) -> str:
    """
    An address as HOST:PORT.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise argparse.ArgumentTypeError(f"must be HOST:PORT, such as localhost:50051; got {text!r}")
    return text


def seconds(text: str) -> float:
    """
    A finite time above 0.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def count(text: str) -> int:
    """
    A whole number from 1.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1; got {text!r}")
    return int(text)
