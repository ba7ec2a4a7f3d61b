"""The words of `nodelens-score` about studies in DICOM."""

import argparse
from pathlib import Path

from service.dicom.kinds import ALL, ResultKind

DESCRIPTION = (
    "It is read here; only pixels and places of it are sent. Each segment or ROI has a value of its own: with "
    "--separation labels it is one node, whatever its components."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command line."""
    add = parser.add_argument_group("a study in DICOM", DESCRIPTION).add_argument
    add("--dicom", type=Path, metavar="FOLDER", help="instead of CT and MASK: a CT series with its SEG or RTSTRUCT")
    add("--name", action="append", default=[], metavar="NAME", help="score only this segment or ROI; repeat for more")
    add(
        "--marking",
        default="",
        metavar="TEXT",
        help="which SEG or RTSTRUCT, where there are several: its description, label or SOP Instance UID",
    )
    add("--dicom-out", type=Path, metavar="DIR", help="folder for the results as DICOM files, which name the patient")
    add(
        "--dicom-results",
        type=_kinds,
        default=ALL,
        metavar="KIND,KIND",
        help=f"of {', '.join(ResultKind)}; default: all",
    )


def problem_of(arguments: argparse.Namespace) -> str:
    """What does not go together on a command line; empty where all does."""
    if arguments.dicom is None:
        if arguments.mask is None:
            return "CT and MASK are required, or --dicom FOLDER"
        given = {"--name": arguments.name, "--marking": arguments.marking, "--dicom-out": arguments.dicom_out}
        return next((f"argument {option}: needs --dicom" for option, value in given.items() if value), "")
    if arguments.ct is not None:
        return "argument --dicom: takes the place of CT and MASK"
    return "argument --labels: is for a MASK; with --dicom use --name" if arguments.labels else ""


def _kinds(text: str) -> frozenset[ResultKind]:
    words = text.split(",")
    if unknown := [word for word in words if word not in list(ResultKind)]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(ResultKind)}")
    return frozenset(map(ResultKind, words))
