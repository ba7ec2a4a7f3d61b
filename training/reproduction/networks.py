"""Networks, trained by the functions of the other commands."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from training.cases import Cohort
from training.nested import Scheme, answer_fold, fitted_folds
from training.options import add_options
from training.reproduction.cohort import require_all
from training.reproduction.settings import Training


@dataclass(frozen=True, slots=True)
class Machine:
    """
    Where and by which chance a network is trained.

    Attributes:
        device: Where to compute.
        seed: Of split, weights, order, dropout and augmentation.
    """

    device: torch.device
    seed: int


def training_args(cohort: Cohort, training: Training, out: Path, seed: int, *words: str) -> argparse.Namespace:
    """The options of all commands that train; ``words`` are more of them."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    options = {
        "--cases": cohort.table,
        "--network": training.network,
        "--out": out,
        "--seed": seed,
        "--epochs": training.epoch_count,
        "--patience": training.epoch_count,
        "--batch": training.batch_size,
        "--learning-rate": training.rate,
        "--input-px": training.input_px,
        "--edge": "pad",
    }
    if training.side_mm is not None:
        options["--side-mm"] = training.side_mm
    augment = ["--augment"] if training.augmented else []
    return parser.parse_args([str(word) for pair in options.items() for word in pair] + augment + list(words))


def out_of_fold_logits(
    cohort: Cohort, training: Training, folder: Path, fold_count: int, machine: Machine
) -> list[float]:
    """
    Logits of every node of a cohort, calibrated, by networks that never saw its patient.

    Raises:
        InvalidCases: the cases allow no such division.
        InvalidRun: the folder holds other runs.
    """
    args = training_args(cohort, training, folder, machine.seed)
    logits: dict[int, float] = {}
    for fold in fitted_folds(args, cohort, machine.device, Scheme(fold_count)):
        answers = answer_fold(fold)
        line = answers.calibration
        scaled = line.scale * answers.logits + line.bias
        logits.update(zip((case.row for case in answers.cases), scaled.tolist(), strict=True))
    require_all(cohort, logits)
    return [logits[case.row] for case in cohort.cases]
