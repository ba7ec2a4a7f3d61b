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
from imaging.dicom.naming import names_of
from imaging.dicom.reader import read_study_folder
from imaging.dicom.series import read_series
from imaging.dicom.study import DicomStudy
from imaging.errors import ImagingError, InvalidMask
from imaging.files import read_mask, read_volume
from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from service.arguments import SEPARATIONS, address, seconds
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
        sys.stderr.write(f"nodelens-score: {' '.join(str(error).split())}\n")
        return 2
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
    parser.add_argument("--model", default="", metavar="NAME", help="default: the server's default model")
    parser.add_argument("--model-version", type=int, default=0, metavar="N", help="default: the newest")
    parser.add_argument(
        "--separation",
        choices=SEPARATIONS,
        default="components",
        help="a node is a connected component of the mask, or all voxels of one value; default: %(default)s",
    )
    parser.add_argument(
        "--labels", type=_labels, metavar="N,N", help="score only what has these values in the mask; default: all"
    )
    parser.add_argument(
        "--edge",
        type=EdgePolicy,
        choices=list(EdgePolicy),
        default=EdgePolicy.REPORT,
        help="a node whose crop reaches beyond the CT is reported unscored, or scored with air there",
    )
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
    names: dict[int, tuple[str, ...]] = {}
    if study:
        found, names = with_notices(found, study), names_of(find_nodes(mask, options.separation), study)
        if arguments.dicom_out:
            objects = objects_of(study, found, manifest, options, arguments.dicom_results)
            save_objects(arguments.dicom_out, objects)
    crops = _crops(volume, mask, manifest.preprocessing, options)
    save_results(arguments.out, found, manifest, options, crops, names)
    if arguments.report:
        shown = study_of_answer("the CT", volume, mask, found, manifest, options, names)
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
    volume = read_series(arguments.ct) if arguments.ct.is_dir() else read_volume(arguments.ct)
    mask = read_mask(arguments.mask)
    return volume, _only(mask, arguments.labels) if arguments.labels else mask


def _only(mask: NodeMask, labels: Sequence[int]) -> NodeMask:
    """The mask without all other labels."""
    present = set(np.unique(mask.labels).tolist()) - {0}
    absent = [label for label in labels if label not in present]
    if absent:
        raise InvalidMask(
            f"the mask has no label {_listed(absent)}; it has {_listed(sorted(present)) or 'none at all'}"
        )
    kept = np.where(np.isin(mask.labels, labels), mask.labels, 0).astype(mask.labels.dtype)
    return NodeMask(kept, mask.geometry)


def _crops(volume: Volume, mask: NodeMask, spec: PreprocessingSpec, options: ClassifyOptions) -> dict[int, Crop]:
    """The crops that the server made, by label: it sends none back."""
    prepared = prepare(volume, find_nodes(mask, options.separation), spec, options.edge_policy)
    return {each.node.label: each.crop for each in prepared if each.crop}


def _show(bar: "tqdm[None]", sent: int, total: int) -> None:
    bar.total = total
    bar.update(sent - bar.n)


def _labels(text: str) -> tuple[int, ...]:
    labels = text.split(",")
    if not all(label.isdecimal() and int(label) for label in labels):
        raise argparse.ArgumentTypeError(f"must be whole numbers from 1, such as 8,63; got {text!r}")
    return tuple(map(int, labels))


def _listed(labels: Sequence[int]) -> str:
    return ", ".join(map(str, labels))
