"""``nodelens-train crossval``: train and measure on each part of the patients in turn."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean

from training.atomic import write_text
from training.crops import load_crops
from training.errors import InvalidOptions
from training.evaluation import evaluated, table_of
from training.evaluation_report import write_report
from training.held_out import HeldOut, answer_held_out, pooled
from training.labels.relabelled import labelled_cohort
from training.loop import fit_network
from training.options import add_options, config_of, device_of
from training.roc import auc
from training.run import Course, Run
from training.split import SMALLEST_FOLD_COUNT, patient_folds, split_at

HELP = "Cross-validate by patient: every node is answered by a network that never saw its patient"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_options(parser)
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="parts of the patients; default: %(default)s")


def run(args: argparse.Namespace) -> None:
    """
    Fit a run for each fold, go on where it was stopped, and pool the answers to the folds' test parts.

    In each fold the next one is the validation part: it alone chooses the epoch, the calibration and the operating
    point.

    Raises:
        TrainingError: cases or options are not fit for it.
        ImagingError: the options make no crop.
    """
    if args.folds < SMALLEST_FOLD_COUNT:
        raise InvalidOptions(f"--folds {args.folds}: training, validation and test need one each at least")
    device = device_of(args)
    cohort = labelled_cohort(args.cases, args.labels)
    folds = patient_folds(cohort.cases, args.folds, args.seed)
    answers, courses = [], {}
    for number in range(len(folds)):
        split = split_at(cohort.cases, folds, number)
        config = config_of(args, cohort, [cohort.cases[index] for index in split.training])
        fold = Run.start(args.out / f"fold-{number + 1}", config, split)
        crops = load_crops(cohort, config.spec, config.edge_policy, args.cache)
        if not fold.finished:
            fit_network(fold, crops, device, args.weights)
        answers.append(answer_held_out(fold, crops))
        courses[f"fold {number + 1}"] = fold.course()
    _write(args.out, args.network, answers, courses, cohort.synthetic)


def _write(out: Path, network: str, answers: Sequence[HeldOut], courses: Mapping[str, Course], synthetic: bool) -> None:
    whole = pooled(answers)
    by_fold = {f"fold {n}": evaluated(each, synthetic) for n, each in enumerate(answers, start=1)}
    results = {**by_fold, f"{network}, all folds": evaluated(whole, synthetic)}
    write_report(out, f"{network}, out of fold", whole, synthetic, courses)
    write_text(
        out / "crossval.json", json.dumps({name: asdict(each) for name, each in results.items()}, indent=1) + "\n"
    )
    sys.stdout.write(table_of(results))
    sys.stdout.write(
        f"\nMean AUC of the folds: {mean(auc(each.labels, each.logits) for each in answers):.3f}, "
        f"of size alone: {mean(auc(each.labels, each.log_volumes) for each in answers):.3f}\n"
    )
