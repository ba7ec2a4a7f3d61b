"""
Scores the lymph nodes of one CT from the command line: ``nodelens-score``.

The CT is a file or a DICOM folder, the mask a file; or both are in a DICOM study. What a server needs of them is sent
to it, without names or paths; its findings are printed, and written to a folder (`service.results`), as DICOM too.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from imaging.crop import Crop, EdgePolicy
from imaging.ct import read_ct
from imaging.dicom.naming import names_of
from imaging.dicom.reader import read_study_folder
from imaging.dicom.study import DicomStudy
from imaging.errors import ImagingError
from imaging.files import read_mask
from imaging.manifest import Manifest
from imaging.mask import NodeMask, require_values
from imaging.node import Node
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from service.arguments import SEPARATIONS, add_edge, add_model, address, complain, seconds
from service.batch.command import main as batch
from service.client import NodeClassifier
from service.dicom.choices import add_arguments, problem_of
from service.dicom.folder import save_objects
from service.dicom.headers import require_uids
from service.dicom.notices import with_notices
from service.dicom.objects import objects_of
from service.faults import ServiceFault
from service.findings import Classification
from service.options import ClassifyOptions, HeatmapOutput
from service.pages.command import main as report
from service.pages.report import write_report
from service.pages.study import study_of_answer
from service.results import save_results
from service.security.credentials import Access
from service.table import table_of

COMMANDS = {"batch": batch, "report": report}


def main(argv: Sequence[str] | None = None) -> int:
    """
    Score one CT; 0 where findings were written, 2 where the user must mend something.

    ``batch`` as the first word scores a cohort (`service.batch.command`), ``report`` tells of it in a page
    (`service.pages.command`).
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](words[1:])
    parser = _parser()
    arguments = parser.parse_args(words)
    if problem := problem_of(arguments):
        parser.error(problem)
    try:
        _score(arguments)
    except (ImagingError, ServiceFault, OSError) as error:
        return complain("nodelens-score", error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodelens-score",
        description="Tell, for each lymph node marked in a CT, how probable it is that it is metastatic, and where "
        "the network looked. Research use only; not a diagnosis.",
        epilog="DIR receives findings.json, heatmap.nii.gz (on the grid of the CT) and node-N.png for every scored "
        "node; those of an earlier run are replaced. Many CTs at once: nodelens-score batch --help.",
    )
    _add_files(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a page with a viewer, which opens offline")
    parser.add_argument(
        "--server", type=address, default="localhost:50051", metavar="HOST:PORT", help="default: %(default)s"
    )
    _add_choices(parser)
    parser.add_argument("--timeout", type=seconds, default=300.0, metavar="S", help="seconds; default: %(default)g")
    add_arguments(parser)
    Access.add_arguments(parser)
    return parser


def _add_choices(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--separation",
        choices=SEPARATIONS,
        default="components",
        help="a node is a connected component of the mask, or all voxels of one value; default: %(default)s",
    )
    parser.add_argument(
        "--labels", type=_labels, metavar="N,N", help="score only what has these values in the mask; default: all"
    )
    add_edge(parser)
    parser.add_argument(
        "--operating-point",
        type=float,
        metavar="P",
        help="probability from which a node is called metastatic; default: the model's",
    )
    parser.add_argument(
        "--whole-volume", action="store_true", help="send the whole CT, not only what is needed; same findings"
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    ct_help = "NIfTI, NRRD or MetaImage file in HU, or a DICOM folder"
    parser.add_argument("ct", type=Path, nargs="?", metavar="CT", help=ct_help)
    mask_help = "NIfTI, NRRD or MetaImage file; 0 is background"
    parser.add_argument("mask", type=Path, nargs="?", metavar="MASK", help=mask_help)


def _score(arguments: argparse.Namespace) -> None:
    study = _study(arguments)
    volume, mask = (study.volume, study.mask) if study else _images(arguments)
    options = ClassifyOptions(
        separation=SEPARATIONS[arguments.separation],
        edge_policy=arguments.edge,
        heatmap_output=HeatmapOutput.VOLUME,
        operating_point=arguments.operating_point,
    )
    found, manifest = _classified(arguments, volume, mask, options)
    nodes, names = find_nodes(mask, options.separation), dict[int, tuple[str, ...]]()
    if study:
        found, names = with_notices(found, study), names_of(nodes, study)
        if arguments.dicom_out:
            objects = objects_of(study, found, manifest, options, arguments.dicom_results)
            save_objects(arguments.dicom_out, objects)
    crops = _crops(volume, nodes, manifest.preprocessing, options.edge_policy)
    save_results(arguments.out, found, manifest, options, crops, names)
    if arguments.report:
        shown = study_of_answer("the CT", volume, nodes, crops, found, manifest, options, names)
        write_report(arguments.report, shown, manifest)
    sys.stdout.write(table_of(found, names))
    sys.stdout.write(f"\nResults are in {arguments.out}\n")


def _classified(
    arguments: argparse.Namespace, volume: Volume, mask: NodeMask, options: ClassifyOptions
) -> tuple[Classification, Manifest]:
    """What the server finds, and what the model says about itself."""
    with NodeClassifier(arguments.server, arguments.timeout, access=Access.from_arguments(arguments)) as classifier:
        model = classifier.model(arguments.model, arguments.model_version)
        manifest = model.manifest
        arguments.out.mkdir(parents=True, exist_ok=True)
        with tqdm(desc="sending", unit="B", unit_scale=True, leave=False, disable=not sys.stderr.isatty()) as bar:
            found = classifier.classify(
                volume,
                mask,
                model.ref.name,
                model.ref.version,
                options,
                arguments.whole_volume,
                progress=lambda sent, total: _show(bar, sent, total),
            )
    return found, manifest


def _study(arguments: argparse.Namespace) -> DicomStudy | None:
    """The study, where there is one."""
    if arguments.dicom is None:
        return None
    study = read_study_folder(arguments.dicom, arguments.name, arguments.marking)
    if arguments.dicom_out:
        require_uids(study)
    return study


def _images(arguments: argparse.Namespace) -> tuple[Volume, NodeMask]:
    volume, mask = read_ct(arguments.ct), read_mask(arguments.mask)
    return volume, _only(mask, arguments.labels) if arguments.labels else mask


def _only(mask: NodeMask, labels: Sequence[int]) -> NodeMask:
    """The mask without all other labels."""
    require_values(mask, labels, "label")
    kept = np.where(np.isin(mask.labels, labels), mask.labels, 0).astype(mask.labels.dtype)
    return NodeMask(kept, mask.geometry)


def _crops(volume: Volume, nodes: Sequence[Node], spec: PreprocessingSpec, edge_policy: EdgePolicy) -> dict[int, Crop]:
    """The crops that the server made, by label: it sends none back."""
    prepared = prepare(volume, nodes, spec, edge_policy)
    return {each.node.label: each.crop for each in prepared if each.crop}


def _show(bar: "tqdm[None]", sent: int, total: int) -> None:
    bar.total = total
    bar.update(sent - bar.n)


def _labels(text: str) -> tuple[int, ...]:
    labels = text.split(",")
    if not all(label.isdecimal() and int(label) for label in labels):
        raise argparse.ArgumentTypeError(f"must be whole numbers from 1, such as 8,63; got {text!r}")
    return tuple(map(int, labels))
