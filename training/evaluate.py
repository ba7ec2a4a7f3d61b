"""``nodelens-train evaluate``: measure a trained network on the patients it never saw."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from training.atomic import write_text
from training.cases import read_cohort
from training.crops import NodeCrops, load_crops
from training.curves import draw_loss, draw_roc
from training.errors import InvalidRun
from training.evaluation import Evaluation, evaluated, table_of, write_predictions
from training.held_out import HeldOut, answer_held_out
from training.run import Run

HELP = "Measure a run's network on its test patients: AUC with interval, beside that of size alone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `fit` wrote")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")


def run(args: argparse.Namespace) -> None:
    """
    Write ``evaluation.json``, ``predictions.csv``, ``roc.png`` and ``loss.png`` into the run's folder.

    Raises:
        InvalidRun: there is no finished run, or its cases have changed.
    """
    fitted = Run.open(args.run_folder)
    held_out = answer_held_out(fitted, run_crops(fitted, args.cache))
    evaluation = evaluated(held_out, fitted.config.synthetic)
    write_evaluation(fitted, held_out, evaluation)
    sys.stdout.write(table_of({fitted.config.network: evaluation}))


def run_crops(fitted: Run, cache: Path | None) -> NodeCrops:
    """
    The crops of a run's cohort.

    Raises:
        InvalidRun: the run is no model's, or the cases are no longer its.
    """
    fitted.require_model()
    cohort = read_cohort(Path(fitted.config.cases))
    if cohort.digest != fitted.config.cohort_digest:
        raise InvalidRun(f"{fitted.config.cases} or its files have changed since the run; fit again")
    return load_crops(cohort, fitted.config.spec, fitted.config.edge_policy, cache)


def write_evaluation(fitted: Run, held_out: HeldOut, evaluation: Evaluation) -> None:
    """Write all results of one run into its folder."""
    title = f"{fitted.config.network}, {evaluation.node_count} held-out nodes"
    title += " (SYNTHETIC phantoms)" if evaluation.synthetic else ""
    scores = {fitted.config.network: held_out.logits, "size alone": held_out.log_volumes}
    draw_roc(fitted.folder / "roc.png", held_out.labels, scores, title)
    draw_loss(fitted.folder / "loss.png", fitted.history(), fitted.best_epoch(), title)
    write_predictions(fitted.folder / "predictions.csv", held_out)
    write_text(fitted.folder / "evaluation.json", json.dumps(asdict(evaluation), indent=1) + "\n")
