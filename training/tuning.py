"""
Choices of a training by trials on validation parts alone.

Optuna (Akiba et al. 2019, doi:10.1145/3292500.3330701) is an extra that only ``--tune`` needs. Its sampler (TPE:
Bergstra et al. 2011, NeurIPS 24:2546) has a fixed seed, so that the same trials follow from the same answers: those
that are finished are not trained again. The test part has no say: what is tuned is measured on patients who chose
nothing.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from training.cases import Cohort
from training.config import RunConfig
from training.crops import NodeCrops, load_crops
from training.errors import InvalidOptions
from training.loop import fit_network
from training.run import Run
from training.split import Split

BATCH_SIZES = (4, 8, 16, 32)
REACH = 10.0
"""How many times lower or higher than the given one a learning rate may be."""

RANDOM_TRIALS = 4
"""Before the sampler learns from earlier ones; the very first is what was given."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    What was tried, and what it came to.

    Attributes:
        learning_rate: Of Adam.
        batch_size: Slices in a step.
        augmented: Whether crops are flipped, turned and shifted.
        auc: Of the validation parts at their best epochs, the mean; None where training diverged.
    """

    learning_rate: float
    batch_size: int
    augmented: bool
    auc: float | None = None

    def __str__(self) -> str:
        """Such as ``learning rate 0.001, batch 8, augmented: validation AUC 0.812``."""
        how = "augmented" if self.augmented else "not augmented"
        came_to = "diverged" if self.auc is None else f"validation AUC {self.auc:.3f}"
        return f"learning rate {self.learning_rate:.3g}, batch {self.batch_size}, {how}: {came_to}"

    def chosen(self, config: RunConfig) -> RunConfig:
        """The other choices with these."""
        return replace(config, learning_rate=self.learning_rate, batch_size=self.batch_size, augmented=self.augmented)


@dataclass(frozen=True, slots=True)
class Tuning:
    """
    The trials of one fold.

    Attributes:
        trials: In their order; the first is what was given.
    """

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """
        The first that none is better than.

        Raises:
            InvalidOptions: all diverged.
        """
        ended = [trial for trial in self.trials if trial.auc is not None]
        if not ended:
            raise InvalidOptions("all trials diverged; try a lower --learning-rate")
        return max(ended, key=lambda trial: trial.auc or 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Tuner:
    """
    Tries choices.

    Attributes:
        cohort: The cases.
        device: Where to compute.
        trial_count: How many.
        cache: Where crops are kept.
        weights: File of pretrained weights.
    """

    cohort: Cohort
    device: torch.device
    trial_count: int
    cache: Path | None = None
    weights: Path | None = None

    def tuned(self, config: RunConfig, splits: Sequence[Split], folder: Path) -> Tuning:
        """
        Try choices on the training and validation parts of splits, or go on where it was stopped.

        Args:
            config: What was given.
            splits: Of one fold: all test on the same patients, who are not asked.
            folder: Of the trials.

        Raises:
            InvalidOptions: Optuna is not installed.
            InvalidRun: the folder holds trials of other choices.
        """
        optuna = _optuna()
        crops = load_crops(self.cohort, config.spec, config.edge_policy, self.cache)
        sampler = optuna.samplers.TPESampler(seed=config.seed, n_startup_trials=RANDOM_TRIALS)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.enqueue_trial(
            {
                "learning_rate": config.learning_rate,
                "batch_size": config.batch_size,
                "augmented": config.augmented,
            }
        )
        trials = []
        for number in range(1, self.trial_count + 1):
            asked = study.ask()
            trial = _suggested(asked, config)
            reached = self._reached(trial.chosen(config), splits, crops, folder / f"trial-{number}")
            study.tell(asked, reached, state=None if reached is not None else optuna.trial.TrialState.FAIL)
            trials.append(replace(trial, auc=reached))
        return Tuning(tuple(trials))

    def _reached(self, config: RunConfig, splits: Sequence[Split], crops: NodeCrops, folder: Path) -> float | None:
        """The mean validation AUC of one trial; None where its loss was no longer finite."""
        areas = []
        for number, split in enumerate(splits, start=1):
            run = Run.start(folder / f"inner-{number}", config, split)
            if not run.finished:
                try:
                    fit_network(run, crops, self.device, self.weights)
                except InvalidOptions:
                    return None
            areas.append(run.best_epoch().validation_auc)
        return mean(areas)


def _suggested(asked: Any, config: RunConfig) -> Trial:
    rate = config.learning_rate
    return Trial(
        learning_rate=asked.suggest_float("learning_rate", rate / REACH, rate * REACH, log=True),
        batch_size=asked.suggest_categorical("batch_size", sorted({*BATCH_SIZES, config.batch_size})),
        augmented=asked.suggest_categorical("augmented", [False, True]),
    )


def _optuna() -> Any:
    try:
        optuna = importlib.import_module("optuna")
    except ImportError as error:
        raise InvalidOptions("--tune needs Optuna, which is not installed; install nodelens[tune]") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
