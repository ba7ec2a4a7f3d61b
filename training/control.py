"""``nodelens-train control``: what the same training says where there is nothing to learn."""

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from imaging.atomic import write_text
from imaging.roc import Estimate, auc
from training.cases import Cohort
from training.cluster import Started, add_engine, fit_side_by_side
from training.config import Purpose
from training.distributed import require_alone
from training.errors import InvalidOptions, InvalidRun
from training.finished import PREDICTIONS, first_run
from training.labels.relabelled import labelled_cohort
from training.nested import Fold, Scheme, answer_fold, fitted_folds, started_folds
from training.options import add_options, device_of
from training.permutation import mean_of_runs, permutation_p_value, permuted
from training.predict import node_logits
from training.report.page import write_page
from training.split import SMALLEST_FOLD_COUNT

HELP = "Permute the labels by patient and cross-validate: the AUC must contain .5, and what was memorised is shown"

TEMPLATE = Path(__file__).with_suffix(".html.j2")
SMALLEST_RUN_COUNT = 2
CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class PermutedResult:
    """
    One cross-validation with permuted labels.

    Attributes:
        auc: Out of fold, the mean over the folds' test parts: pooled over folds, the AUC of noise is below .5, since
            the class that a test part has more of the training part has less of (Parker, Günter and Bedo 2007, BMC
            Bioinformatics 8:326).
        training_auc: Of the nodes that were learnt from, after the last epoch, in evaluation mode.
        training_accuracy: Of them, where a probability from .5 on is called metastatic.
    """

    auc: float
    training_auc: float
    training_accuracy: float


@dataclass(frozen=True, slots=True)
class ControlResult:
    """
    What all permuted runs came to.

    Attributes:
        runs: Each of them.
        auc: Mean of their out-of-fold AUCs; the interval is Student's.
        contains_chance: Whether the interval has .5 in it.
        against: Out-of-fold AUC with the true labels, if given; counted alike.
        p_value: Chance of at least that AUC with permuted labels; None without it.
        synthetic: True for phantoms.
    """

    runs: tuple[PermutedResult, ...]
    auc: Estimate
    contains_chance: bool
    against: float | None
    p_value: float | None
    synthetic: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_options(parser)
    add_engine(parser)
    parser.add_argument("--runs", type=int, default=5, metavar="K", help="permutations of the labels; default: 5")
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="parts of the patients; default: %(default)s")
    parser.add_argument("--against", type=Path, metavar="DIR", help="folder of `crossval` with the true labels")


def run(args: argparse.Namespace) -> None:
    """
    Cross-validate with permuted labels, and write ``control.json`` and ``control.html``.

    Raises:
        TrainingError: cases or options are not fit for it.
        ImagingError: the options make no crop.
    """
    require_alone()
    if args.runs < SMALLEST_RUN_COUNT:
        raise InvalidOptions(f"--runs {args.runs}: an interval needs at least {SMALLEST_RUN_COUNT}")
    if args.folds < SMALLEST_FOLD_COUNT:
        raise InvalidOptions(f"--folds {args.folds}: training, validation and test need one each at least")
    device = device_of(args)
    cohort = labelled_cohort(args.cases, args.labels)
    against = None if args.against is None else crossval_auc(args.against, cohort)
    permutations = {number: permuted_for(cohort, args.seed, number, args.folds) for number in range(1, args.runs + 1)}
    if args.engine == "ray":
        fit_side_by_side(args, _started(args, permutations), device)
    runs = tuple(_permuted_run(_own(args, number), labelled, device) for number, labelled in permutations.items())
    _write(args.out, args.network, controlled(runs, against, cohort.synthetic))


def permuted_for(cohort: Cohort, seed: int, number: int, fold_count: int) -> Cohort:
    """
    The cohort of one permuted run, from 1, of a control with this seed and so many folds.

    Raises:
        InvalidCases: no permutation has as many patients of each class as there are folds.
    """
    return permuted(cohort, int(np.random.SeedSequence([seed, number]).generate_state(1)[0]), fold_count)


def controlled(runs: Sequence[PermutedResult], against: float | None, synthetic: bool) -> ControlResult:
    """Sum up at least two permuted runs."""
    aucs = [each.auc for each in runs]
    whole = mean_of_runs(aucs)
    return ControlResult(
        runs=tuple(runs),
        auc=whole,
        contains_chance=whole.lower <= CHANCE <= whole.upper,
        against=against,
        p_value=None if against is None else permutation_p_value(against, aucs),
        synthetic=synthetic,
    )


def crossval_auc(folder: Path, cohort: Cohort) -> float:
    """
    The mean AUC of the test parts of a finished cross-validation of these cases.

    Raises:
        InvalidRun: the folder holds none, or one of other cases.
    """
    table = folder / PREDICTIONS
    if not table.is_file():
        raise InvalidRun(f"{folder} holds no finished cross-validation; run `nodelens-train crossval` there first")
    if first_run(folder).config.cohort_digest != cohort.digest:
        raise InvalidRun(f"{folder} was cross-validated on other cases; give --against one of the same table")
    parts: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    with table.open(newline="", encoding="utf-8") as file:
        try:
            for row in csv.DictReader(file):
                parts[row["repeat"], row["fold"]].append((int(row["label"]), float(row["logit"])))
        except (KeyError, ValueError) as error:
            raise InvalidRun(f"{table} is damaged, or older than this release; run `crossval` again") from error
    return mean(auc(*zip(*answers, strict=True)) for answers in parts.values())


def _own(args: argparse.Namespace, number: int) -> argparse.Namespace:
    """The options of one permuted run."""
    own = copy(args)
    own.out = args.out / f"run-{number}"
    return own


def _started(args: argparse.Namespace, permutations: Mapping[int, Cohort]) -> Iterator[Started]:
    """The folds of all permuted runs."""
    for number, labelled in permutations.items():
        yield from started_folds(_own(args, number), labelled, Scheme(args.folds), Purpose.CONTROL)


def _permuted_run(args: argparse.Namespace, labelled: Cohort, device: torch.device) -> PermutedResult:
    aucs, memorised = [], []
    for fold in fitted_folds(args, labelled, device, Scheme(args.folds), Purpose.CONTROL):
        answers = answer_fold(fold)
        aucs.append(auc(answers.labels, answers.logits))
        memorised.append(_memorised(fold, device))
    training_aucs, accuracies = zip(*memorised, strict=True)
    return PermutedResult(mean(aucs), mean(training_aucs), mean(accuracies))


def _memorised(fold: Fold, device: torch.device) -> tuple[float, float]:
    """AUC and accuracy of a fold's training part after the last epoch."""
    [fitted] = fold.runs
    network = fitted.last_network()
    rows = list(fold.crops.rows_of(fitted.split).training)
    logits = node_logits(network.to(device), fold.crops.pixels[rows], fitted.config.spec.aggregation)
    labels = fold.crops.labels[rows]
    return auc(labels, logits), float(((logits >= 0) == labels.astype(bool)).mean())


def _write(out: Path, network: str, result: ControlResult) -> None:
    write_text(out / "control.json", json.dumps(asdict(result), indent=1) + "\n")
    write_page(
        out / "control.html", TEMPLATE, result.synthetic, network=network, result=result, verdict=_verdict(result)
    )
    sys.stdout.write(
        f"{out}: {len(result.runs)} runs with permuted labels, out-of-fold AUC {result.auc}: {_verdict(result)}\n"
        f"memorised: training AUC {mean(each.training_auc for each in result.runs):.3f}, "
        f"accuracy {mean(each.training_accuracy for each in result.runs):.3f}\n"
    )
    if result.against is not None:
        sys.stdout.write(f"true labels: out-of-fold AUC {result.against:.3f}, p = {result.p_value:.3f}\n")
    if result.synthetic:
        sys.stdout.write("SYNTHETIC: measured on phantoms; this says nothing of patients.\n")


def _verdict(result: ControlResult) -> str:
    if result.contains_chance:
        return "the interval contains .5, as it must"
    return "the interval does NOT contain .5: something leaks, or the runs are too few"
