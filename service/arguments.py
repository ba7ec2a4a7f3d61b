"""Words that several commands take."""

import argparse

from imaging.separation import NodeSeparation

SEPARATIONS = {"components": NodeSeparation.CONNECTED_COMPONENTS, "labels": NodeSeparation.LABELS}


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
