"""``nodelens-train release``: a model file that says what it was held to, and its card."""

import argparse
import sys
from pathlib import Path

from imaging.file_digest import file_digest
from imaging.roc import Estimate
from training.evidence.repeatability import repeatability
from training.finished import PREDICTIONS
from training.release.candidate import Candidate, add_model_options
from training.release.facts import Facts
from training.release.inputs import read_audited, read_baselines, read_control, read_out_of_fold, read_shown
from training.release.output import summary_of, write_model_files
from training.release.verdicts import write_verdicts
from training.run import Run

HELP = "Hold a run to the gates of a release, and write its model file with their verdicts and its card"

EVIDENCE_FILE = "evidence.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_model_options(parser)
    group = parser.add_argument_group("what it is held to; a gate whose input is not given has not passed")
    group.add_argument("--crossval", type=Path, required=True, metavar="DIR", help="folder of `crossval`")
    group.add_argument("--control", type=Path, metavar="DIR", help="folder of `control`")
    group.add_argument("--evidence", type=Path, metavar="FILE", help=f"default: RUN/{EVIDENCE_FILE} if it is there")
    group.add_argument("--baselines", type=Path, metavar="DIR", help="folder of `baselines`")
    group.add_argument("--audit", type=Path, metavar="DIR", help="folder of `audit`")
    group.add_argument("--repeat", type=Path, metavar="RUN2", help="the same with another --seed")


def run(args: argparse.Namespace) -> None:
    """
    Write ``model.onnx``, ``model_card.md``, ``model_card.html`` and ``gates.json``, and tell the verdicts.

    The file is written whatever they are: the service says of a model that is not released that it is for research.

    Raises:
        InvalidRun: there is no finished run, its cases have changed, or an input does not belong to it.
        InvalidCases: a table of predictions is damaged.
        InvalidOptions: name or version cannot be taken.
        ExportMismatch: the file answers differently from the network.
    """
    fitted = Run.open(args.run_folder)
    fitted.require_model()
    # What is cheap to refuse is refused before anything is measured.
    found = read_out_of_fold(args.crossval, fitted)
    evidence = args.evidence or fitted.folder / EVIDENCE_FILE
    shown = read_shown(evidence, fitted) if args.evidence or evidence.is_file() else None
    audit = None if args.audit is None else read_audited(args.audit, fitted)
    candidate = Candidate.of(args)
    cohort = candidate.cohort
    baselines = args.baselines and read_baselines(args.baselines, args.crossval, fitted, cohort)
    control = None if args.control is None else read_control(args.control, fitted, cohort)
    correlation = None if args.repeat is None else _correlation(candidate, args.repeat)
    facts = Facts(candidate.own(), found, control, baselines, shown, correlation, audit)
    manifest = write_model_files(candidate, facts)
    write_verdicts(candidate.path.parent, manifest, file_digest(args.crossval / PREDICTIONS))
    sys.stdout.write(summary_of(manifest))


def _correlation(candidate: Candidate, other: Path) -> Estimate | None:
    second = Run.open(other)
    second.require_model()
    return repeatability(candidate.run, second, candidate.crops).correlation
