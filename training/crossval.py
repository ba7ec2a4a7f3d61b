"""``nodelens-train crossval``: train and measure on each part of the patients in turn."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev

from training.atomic import write_text
from training.cases import read_cohort
from training.curves import draw_roc
from training.errors import InvalidOptions
from training.evaluation import Evaluation, evaluated, table_of, write_predictions
from training.held_out import HeldOut
from training.leak import split_by_patient, split_by_slice, write_leak
from training.nested import Fold, Scheme, answer_fold, averaged, fitted_folds, pooled
from training.options import add_options, device_of
from training.report.page import write_page
from training.report.picture import Picture
from training.roc import auc
from training.split import SMALLEST_FOLD_COUNT

HELP = "Cross-validate by patient: every node is answered by a network that never saw its patient"

TEMPLATE = Path(__file__).with_suffix(".html.j2")


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """
    The answers to the test part of one fold.

    Attributes:
        repeat: From 1.
        number: Of the fold, from 1.
        answers: To its nodes.
    """

    repeat: int
    number: int
    answers: HeldOut


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_options(parser)
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="parts of the patients; default: %(default)s")
    parser.add_argument(
        "--repeats", type=int, default=1, metavar="N", help="times, each with other parts; default: %(default)s"
    )
    parser.add_argument(
        "--inner",
        type=int,
        default=1,
        metavar="N",
        help="networks a fold: N parts of its other patients validate in turn; 1: the next fold validates (default)",
    )
    parser.add_argument(
        "--split",
        choices=("patient", "slice"),
        default="patient",
        help="slice: show beside it what a split that ignores node and patient would claim; its runs are no models",
    )


def run(args: argparse.Namespace) -> None:
    """
    Fit runs for each fold, go on where it was stopped, and pool the answers to the folds' test parts.

    Validation parts alone choose the epoch, the calibration and the operating point.

    Raises:
        TrainingError: cases or options are not fit for it.
        ImagingError: the options make no crop.
    """
    scheme = _scheme(args)
    device = device_of(args)
    cohort = read_cohort(args.cases)
    folds: list[Fold] = []
    answered = []
    for fold in fitted_folds(args, cohort, device, scheme):
        answered.append(Answered(fold.repeat, fold.number, answer_fold(fold)))
        if args.split == "slice":
            folds.append(fold)
    _write(args.out, args.network, answered, cohort.synthetic)
    if folds:
        by_slice = split_by_slice(args, cohort, device, scheme.folds)
        table = write_leak(args.out, args.network, by_slice, split_by_patient(folds), cohort.synthetic)
        sys.stdout.write("\n" + table)


def _scheme(args: argparse.Namespace) -> Scheme:
    if args.folds < SMALLEST_FOLD_COUNT:
        raise InvalidOptions(f"--folds {args.folds}: training, validation and test need one each at least")
    for name in ("inner", "repeats"):
        if getattr(args, name) < 1:
            raise InvalidOptions(f"--{name} {getattr(args, name)}: must be at least 1")
    if args.split == "slice" and (args.inner, args.repeats) != (1, 1):
        raise InvalidOptions("--split slice compares single networks; leave --inner and --repeats out")
    return Scheme(args.folds, args.inner, args.repeats)


def results_of(network: str, answered: Sequence[Answered], synthetic: bool) -> dict[str, Evaluation]:
    """Evaluations of each fold, of each repeat where there are several, and of all folds together, by name."""
    repeats = sorted({each.repeat for each in answered})
    results = {}
    for repeat in repeats:
        prefix = f"repeat {repeat}, " if len(repeats) > 1 else ""
        of_repeat = {
            f"{prefix}fold {each.number}": evaluated(each.answers, synthetic)
            for each in answered
            if each.repeat == repeat
        }
        results.update(of_repeat)
        if prefix:
            whole = pooled([each.answers for each in answered if each.repeat == repeat])
            results[f"{prefix}all folds"] = _together(whole, list(of_repeat.values()), synthetic)
    whole = averaged(pooled([each.answers for each in answered]))
    by_fold = [evaluation for name, evaluation in results.items() if not name.endswith("all folds")]
    return {**results, f"{network}, all folds": _together(whole, by_fold, synthetic)}


def _together(whole: HeldOut, folds: Sequence[Evaluation], synthetic: bool) -> Evaluation:
    """Each fold has an operating point of its own: what they call together is the mean of what each calls."""
    return replace(
        evaluated(whole, synthetic),
        sensitivity=mean(each.sensitivity for each in folds),
        specificity=mean(each.specificity for each in folds),
    )


def repeat_aucs(answered: Sequence[Answered]) -> list[float]:
    """The pooled AUC of each repeat."""
    aucs = []
    for repeat in sorted({each.repeat for each in answered}):
        whole = pooled([each.answers for each in answered if each.repeat == repeat])
        aucs.append(auc(whole.labels, whole.logits))
    return aucs


def _write(out: Path, network: str, answered: Sequence[Answered], synthetic: bool) -> None:
    every = pooled([each.answers for each in answered])
    whole = averaged(every)
    results, aucs = results_of(network, answered, synthetic), repeat_aucs(answered)
    title = f"{network}, {len(whole.labels)} nodes, out of fold{' (SYNTHETIC phantoms)' if synthetic else ''}"
    draw_roc(out / "roc.png", whole.labels, {network: whole.logits, "size alone": whole.log_volumes}, title)
    repeat = [each.repeat for each in answered for _ in each.answers.cases]
    fold = [each.number for each in answered for _ in each.answers.cases]
    write_predictions(out / "predictions.csv", every, {"repeat": repeat, "fold": fold})
    spread = _spread(aucs) if len(aucs) > 1 else {}
    figures = {name: asdict(each) for name, each in results.items()}
    write_text(out / "crossval.json", json.dumps({**figures, **spread}, indent=1) + "\n")
    roc = Picture.read(out / "roc.png", "ROC curve of the pooled out-of-fold answers")
    write_page(out / "crossval.html", TEMPLATE, synthetic, network=network, results=results, repeat_aucs=aucs, roc=roc)
    sys.stdout.write(table_of(results))
    sys.stdout.write(
        f"\nMean AUC of the folds: {mean(auc(each.answers.labels, each.answers.logits) for each in answered):.3f}, "
        f"of size alone: {mean(auc(each.answers.labels, each.answers.log_volumes) for each in answered):.3f}\n"
    )
    if spread:
        sys.stdout.write(f"AUC of {len(aucs)} repeats: {min(aucs):.3f} to {max(aucs):.3f}, SD {stdev(aucs):.3f}\n")


def _spread(aucs: Sequence[float]) -> dict[str, dict[str, float]]:
    return {"AUC over repeats": {"mean": mean(aucs), "sd": stdev(aucs), "lowest": min(aucs), "highest": max(aucs)}}
