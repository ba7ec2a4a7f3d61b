"""The words of `nodelens-score batch`."""

import argparse
import os
from pathlib import Path

from service.arguments import SEPARATIONS, add_edge, add_model, address, count, seconds
from service.batch.cases import Cohort, read_table
from service.batch.faults import InvalidCohort
from service.batch.folders import read_studies, read_tree
from service.options import ClassifyOptions, HeatmapOutput
from service.security.credentials import Access

LOCAL, RAY = "local", "ray"

DEFAULT_SERVER = "localhost:50051"

EPILOG = """
exit code: 0 where every case was scored; 1 where some were not, which cases.csv names, or where the batch was told to
end (Ctrl-C, SIGTERM); 2 where something must be mended before any can be. After 1 and after a kill, the same command
with --resume goes on: what was scored is not sent again, what failed is tried again.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="nodelens-score batch",
        description="Score the lymph nodes of many CTs, by servers or in this process, into one table. Research use "
        "only; not a diagnosis.",
        epilog=EPILOG,
    )
    made.add_argument(
        "cases",
        type=Path,
        metavar="CASES",
        help="table image,mask[,node][,patient][,label][,case] in CSV, paths relative to it; or a folder with, at any "
        "depth, ct.nii.gz and mask.nii.gz, NAME_ct.nii.gz and NAME_mask.nii.gz, or images/NAME.nii.gz and "
        "masks/NAME.nii.gz",
    )
    _add_dicom(made)
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    made.add_argument("--resume", action="store_true", help="go on with the batch in DIR, if there is one")
    add_model(made)
    made.add_argument(
        "--separation",
        choices=SEPARATIONS,
        help="default: labels with --dicom, and where the table has a column node; else components",
    )
    add_edge(made)
    made.add_argument("--operating-point", type=_probability, metavar="P", help="default: the model's")
    made.add_argument("--heatmaps", action="store_true", help="write heatmaps/CASE.nii.gz, on the grid of the CT")
    made.add_argument("--streams", type=count, default=4, metavar="N", help="cases at once; default: %(default)s")
    _add_servers(made)
    _add_embedded(made)
    return made


def _add_dicom(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("studies in DICOM")
    group.add_argument(
        "--dicom", action="store_true", help="each folder in CASES is a DICOM study: a CT, a SEG or RTSTRUCT"
    )
    group.add_argument(
        "--name", action="append", default=[], metavar="NAME", help="with --dicom: only this segment or ROI; repeatable"
    )
    group.add_argument(
        "--marking", default="", metavar="TEXT", help="with --dicom: which SEG or RTSTRUCT, where there are several"
    )


def _add_servers(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("servers")
    group.add_argument(
        "--server",
        type=address,
        action="append",
        metavar="HOST:PORT",
        help=f"may be given several times: the least busy one is asked; default: {DEFAULT_SERVER}",
    )
    group.add_argument(
        "--timeout", type=seconds, default=300.0, metavar="S", help="seconds for one call; default: %(default)g"
    )
    group.add_argument(
        "--patience",
        type=seconds,
        default=600.0,
        metavar="S",
        help="give a case up where no server has scored any for so long; default: %(default)g",
    )
    Access.add_arguments(made)


def _add_embedded(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("without a server")
    group.add_argument("--embedded", action="store_true", help="score in this process")
    group.add_argument("--models", type=Path, metavar="DIR", help="folder of <name>/<version>/model.onnx")
    group.add_argument("--allow-research", action="store_true", help="use models that did not pass their release gates")
    group.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s")
    group.add_argument(
        "--threads", type=count, default=os.cpu_count() or 1, help="of one run of the network; default: %(default)s"
    )
    group.add_argument(
        "--engine",
        choices=(LOCAL, RAY),
        default=LOCAL,
        help="ray: --streams actors, each with a model and --threads of the CPU",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDR",
        help="of a running cluster whose machines share the file system and this Python; default: one of this machine",
    )
    group.add_argument(
        "--gpus-per-actor", type=_share, default=0.0, metavar="G", help="such as 0.25; default: %(default)g"
    )


def require_sound(arguments: argparse.Namespace) -> None:
    """
    Refuse words that contradict each other.

    Raises:
        InvalidCohort: the message tells which.
    """
    if arguments.embedded and (arguments.server or not arguments.models):
        raise InvalidCohort("--embedded needs --models, and no --server")
    if not arguments.embedded and (arguments.models or arguments.engine != LOCAL):
        raise InvalidCohort("--models and --engine ray go with --embedded")


def cohort_of(arguments: argparse.Namespace) -> Cohort:
    """
    The cases.

    Raises:
        InvalidCohort: they cannot be listed, or nodes are named in a way that ``--separation`` does not know.
    """
    path = arguments.cases.absolute()
    if (arguments.name or arguments.marking) and not arguments.dicom:
        raise InvalidCohort("--name and --marking go with --dicom")
    if arguments.dicom:
        return read_studies(path, arguments.name, arguments.marking)
    cohort = read_tree(path) if path.is_dir() else read_table(path)
    if cohort.by_value and arguments.separation == "components":
        raise InvalidCohort("the cases name nodes by their values in the mask, which --separation components ignores")
    return cohort


def classify_options(arguments: argparse.Namespace, cohort: Cohort) -> ClassifyOptions:
    """What every request asks for."""
    separation = arguments.separation or ("labels" if cohort.by_value or arguments.dicom else "components")
    heatmaps = HeatmapOutput.VOLUME if arguments.heatmaps else HeatmapOutput.NONE
    return ClassifyOptions(SEPARATIONS[separation], arguments.edge, heatmaps, arguments.operating_point)


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be from 0 to 1")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("must be at least 0")
    return value
