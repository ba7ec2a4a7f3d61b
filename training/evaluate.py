"""``nodelens-train evaluate``: measure a trained network on the patients it never saw."""

import argparse
import sys
from pathlib import Path

from training.cases import Cohort
from training.crops import NodeCrops, load_crops
from training.errors import InvalidRun
from training.evaluation import table_of, write_predictions
from training.evaluation_report import write_report
from training.findings import Findings
from training.held_out import HeldOut, answer_held_out
from training.labels.relabelled import labelled_cohort
from training.run import Run

HELP = "Measure a run's network on its test patients: AUC with interval, beside that of size alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `fit` wrote")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")


def run(args: argparse.Namespace) -> None:
    """
    Write ``evaluation.html``, ``evaluation.json``, ``predictions.csv`` and the figures into the run's folder.

    Raises:
        InvalidRun: there is no finished run, or its cases have changed.
    """
    fitted = Run.open(args.run_folder)
    held_out = answer_held_out(fitted, run_crops(fitted, args.cache))
    findings = write_evaluation(fitted, held_out)
    sys.stdout.write(table_of({fitted.config.network: findings.evaluation}))
    sys.stdout.write(f"\n{fitted.folder / 'evaluation.html'} has the rest\n")


def run_cohort(fitted: Run) -> Cohort:
    """
    A run's cohort.

    Raises:
        InvalidRun: the run is no model's, or the cases are no longer its.
    """
    fitted.require_model()
    cohort = labelled_cohort(Path(fitted.config.cases), fitted.config.labels)
    if cohort.digest != fitted.config.cohort_digest:
        raise InvalidRun(f"{fitted.config.cases} or its files have changed since the run; fit again")
    return cohort


def run_crops(fitted: Run, cache: Path | None) -> NodeCrops:
    """
    The crops of a run's cohort.

    Raises:
        InvalidRun: the run is no model's, or the cases are no longer its.
    """
    return load_crops(run_cohort(fitted), fitted.config.spec, fitted.config.edge_policy, cache)


def write_evaluation(fitted: Run, held_out: HeldOut) -> Findings:
    """Measure one run, and write all results into its folder."""
    config = fitted.config
    write_predictions(fitted.folder / "predictions.csv", held_out)
    return write_report(fitted.folder, config.network, held_out, config.synthetic, {config.network: fitted.course()})
