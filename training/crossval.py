"""``nodelens-train crossval``: train and measure on each part of the patients in turn."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev

import torch

from imaging.atomic import write_text
from imaging.roc import auc
from training.cases import Cohort
from training.cluster import add_engine, fit_side_by_side
from training.course import Course
from training.distributed import require_alone
from training.errors import InvalidOptions
from training.evaluation import Evaluation, evaluated, table_of, write_predictions
from training.evaluation_report import write_report
from training.held_out import HeldOut, averaged, pooled
from training.labels.relabelled import labelled_cohort
from training.leak import split_by_patient, split_by_slice, write_leak
from training.nested import Fold, Scheme, answer_fold, fitted_folds, started_folds
from training.options import add_options, device_of, options_of_networks
from training.report.page import write_page
from training.split import SMALLEST_FOLD_COUNT
from training.tuning import Tuning

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
        courses: Of the trainings of its networks.
        tuning: How their choices were come by; None where they were given.
    """

    repeat: int
    number: int
    answers: HeldOut
    courses: tuple[Course, ...]
    tuning: Tuning | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_options(parser, several=True)
    add_engine(parser)
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
        "--tune",
        type=int,
        default=0,
        metavar="N",
        help="trials in each fold of learning rate, batch and augmentation, judged on its validation parts alone",
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

    Validation parts alone choose the epoch, the calibration and the operating point. Of several networks, each has a
    folder of its name, with what it would have alone.

    Raises:
        TrainingError: cases or options are not fit for it.
        ImagingError: the options make no crop.
    """
    require_alone()
    scheme, networks = _scheme(args), options_of_networks(args)
    device = device_of(args)
    cohort = labelled_cohort(args.cases, args.labels)
    if args.engine == "ray":
        started = (fold for own in networks for fold in started_folds(own, cohort, scheme))
        fit_side_by_side(args, started, device)
    for own in networks:
        _cross_validate(own, cohort, device, scheme)


def _cross_validate(args: argparse.Namespace, cohort: Cohort, device: torch.device, scheme: Scheme) -> None:
    """Cross-validate one network."""
    folds: list[Fold] = []
    answered = []
    for fold in fitted_folds(args, cohort, device, scheme):
        courses = tuple(run.course() for run in fold.runs)
        answered.append(Answered(fold.repeat, fold.number, answer_fold(fold), courses, fold.tuning))
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
    if args.tune < 0 or (args.tune and (args.split, args.engine) != ("patient", "local")):
        raise InvalidOptions(f"--tune {args.tune}: must not be negative, and goes with --split patient --engine local")
    return Scheme(args.folds, args.inner, args.repeats, args.tune)


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
            results[f"{prefix}all folds"] = evaluated(whole, synthetic)
    whole = averaged(pooled([each.answers for each in answered]))
    return {**results, f"{network}, all folds": evaluated(whole, synthetic)}


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
    write_report(out, f"{network}, out of fold", whole, synthetic, _courses(answered))
    repeat = [each.repeat for each in answered for _ in each.answers.cases]
    fold = [each.number for each in answered for _ in each.answers.cases]
    write_predictions(out / "predictions.csv", every, {"repeat": repeat, "fold": fold})
    spread = _spread(aucs) if len(aucs) > 1 else {}
    figures = {name: asdict(each) for name, each in results.items()}
    write_text(out / "crossval.json", json.dumps({**figures, **spread}, indent=1) + "\n")
    tunings = {name: each.tuning for name, each in _named(answered).items() if each.tuning is not None}
    if tunings:
        plain = {name: {**asdict(each), "best": asdict(each.best)} for name, each in tunings.items()}
        write_text(out / "tuning.json", json.dumps(plain, indent=1) + "\n")
    context = {"network": network, "results": results, "repeat_aucs": aucs, "tunings": tunings}
    write_page(out / "crossval.html", TEMPLATE, synthetic, **context)
    sys.stdout.write(table_of(results))
    sys.stdout.write("".join(f"\n{name}: chosen {each.best}" for name, each in tunings.items()))
    sys.stdout.write(
        f"\nMean AUC of the folds: {mean(auc(each.answers.labels, each.answers.logits) for each in answered):.3f}, "
        f"of size alone: {mean(auc(each.answers.labels, each.answers.log_volumes) for each in answered):.3f}\n"
    )
    if spread:
        sys.stdout.write(f"AUC of {len(aucs)} repeats: {min(aucs):.3f} to {max(aucs):.3f}, SD {stdev(aucs):.3f}\n")


def _named(answered: Sequence[Answered]) -> dict[str, Answered]:
    """All folds, by name."""
    several = answered[-1].repeat > 1
    return {f"{f'repeat {each.repeat}, ' if several else ''}fold {each.number}": each for each in answered}


def _courses(answered: Sequence[Answered]) -> Mapping[str, Course]:
    """All trainings, by name."""
    return {
        f"{fold}{f', network {n}' if len(each.courses) > 1 else ''}": course
        for fold, each in _named(answered).items()
        for n, course in enumerate(each.courses, start=1)
    }


def _spread(aucs: Sequence[float]) -> dict[str, dict[str, float]]:
    return {"AUC over repeats": {"mean": mean(aucs), "sd": stdev(aucs), "lowest": min(aucs), "highest": max(aucs)}}
