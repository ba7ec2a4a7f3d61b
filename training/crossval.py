"""``nodelens-train crossval``: train and measure on each part of the patients in turn."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean

import numpy as np

from training.atomic import write_text
from training.crops import load_crops
from training.curves import draw_roc
from training.errors import InvalidOptions
from training.evaluation import evaluated, table_of, write_predictions
from training.held_out import HeldOut, answer_held_out
from training.labels.relabelled import labelled_cohort
from training.loop import fit_network
from training.options import add_options, config_of, device_of
from training.roc import auc
from training.run import Run
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
    answers = []
    for number in range(len(folds)):
        split = split_at(cohort.cases, folds, number)
        config = config_of(args, cohort, [cohort.cases[index] for index in split.training])
        fold = Run.start(args.out / f"fold-{number + 1}", config, split)
        crops = load_crops(cohort, config.spec, config.edge_policy, args.cache)
        if not fold.finished:
            fit_network(fold, crops, device, args.weights)
        answers.append(answer_held_out(fold, crops))
    _write(args.out, args.network, answers, cohort.synthetic)


def pooled(answers: Sequence[HeldOut]) -> HeldOut:
    """
    The answers to all folds as one.

    Probabilities are pooled as each fold calibrated them, and their logits with them: raw logits of different
    networks are on different scales.
    """
    probabilities = np.concatenate([each.probabilities for each in answers])
    return replace(
        answers[0],
        cases=tuple(case for each in answers for case in each.cases),
        labels=np.concatenate([each.labels for each in answers]),
        logits=np.concatenate([each.calibration.scale * each.logits + each.calibration.bias for each in answers]),
        probabilities=probabilities,
        log_volumes=np.concatenate([each.log_volumes for each in answers]),
        lifts=np.concatenate([each.lifts for each in answers]),
    )


def _write(out: Path, network: str, answers: Sequence[HeldOut], synthetic: bool) -> None:
    whole = pooled(answers)
    by_fold = {f"fold {n}": evaluated(each, synthetic) for n, each in enumerate(answers, start=1)}
    # Each fold has an operating point of its own: what they call together is the mean of what each calls.
    together = replace(
        evaluated(whole, synthetic),
        sensitivity=mean(each.sensitivity for each in by_fold.values()),
        specificity=mean(each.specificity for each in by_fold.values()),
    )
    results = {**by_fold, f"{network}, all folds": together}
    draw_roc(
        out / "roc.png",
        whole.labels,
        {network: whole.logits, "size alone": whole.log_volumes},
        f"{network}, {len(whole.labels)} nodes, out of fold{' (SYNTHETIC phantoms)' if synthetic else ''}",
    )
    write_predictions(out / "predictions.csv", whole)
    write_text(
        out / "crossval.json", json.dumps({name: asdict(each) for name, each in results.items()}, indent=1) + "\n"
    )
    sys.stdout.write(table_of(results))
    sys.stdout.write(
        f"\nMean AUC of the folds: {mean(auc(each.labels, each.logits) for each in answers):.3f}, "
        f"of size alone: {mean(auc(each.labels, each.log_volumes) for each in answers):.3f}\n"
    )
