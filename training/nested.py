"""Cross-validation: for each part of the patients, networks that never saw them."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from training.cases import Cohort
from training.cluster import Started
from training.config import Purpose, RunConfig
from training.crops import NodeCrops, load_crops
from training.held_out import HeldOut, answer_held_out, decided
from training.loop import fit_network
from training.options import config_of
from training.run import Run
from training.split import Split, inner_splits, patient_folds, split_at
from training.tuning import Tuner, Tuning


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    How often and into how many parts the patients are divided.

    Attributes:
        folds: Outer parts; each is the test part once.
        inner: Parts of the other patients, each of which validates a network of its own; 1: the next outer fold
            validates the only one.
        repeats: How often all of it is done, with other parts each time.
        trials: Of other choices in each fold, judged on its validation parts; 0: the choices that were given.
    """

    folds: int
    inner: int = 1
    repeats: int = 1
    trials: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """
    The networks that answer one part of the patients.

    Attributes:
        repeat: From 1.
        number: From 1.
        runs: A finished run for each inner part; all test on the same patients.
        crops: What they read.
        tuning: How their choices were come by; None where they were given.
    """

    repeat: int
    number: int
    runs: tuple[Run, ...]
    crops: NodeCrops
    tuning: Tuning | None


@dataclass(frozen=True, slots=True, eq=False)
class StartedFold(Started):
    """
    The networks of a fold before, or while, they are trained.

    Attributes:
        repeat: From 1.
        number: From 1.
        tuning: How their choices were come by; None where they were given.
    """

    repeat: int
    number: int
    tuning: Tuning | None


def started_folds(
    args: argparse.Namespace,
    cohort: Cohort,
    scheme: Scheme,
    purpose: Purpose = Purpose.MODEL,
    tuner: Tuner | None = None,
) -> Iterator[StartedFold]:
    """
    Start the runs of each fold, or find those that were started.

    Args:
        args: The options of all commands that train; the runs' folders lie in ``args.out``.
        cohort: The cases.
        scheme: How the patients are divided.
        purpose: What the runs are for.
        tuner: Chooses for each fold; the choices are those that were given where there is none.

    Raises:
        InvalidCases: the cases allow no such division, or cannot be read.
        InvalidOptions: the choices contradict each other, or are out of range.
        InvalidRun: a folder holds another run.
    """
    for repeat in range(1, scheme.repeats + 1):
        seed = repeat_seed(args.seed, repeat)
        folds = patient_folds(cohort.cases, scheme.folds, seed)
        for number in range(1, scheme.folds + 1):
            splits = _splits(cohort, folds, number - 1, scheme.inner, seed)
            # One box for all inner networks; the test part has no say in it.
            learnt = sorted({index for split in splits for index in split.training})
            config = config_of(args, cohort, [cohort.cases[index] for index in learnt])
            config = replace(config, seed=seed, purpose=purpose)
            out = args.out if repeat == 1 else args.out / f"repeat-{repeat}"
            tuning = None if tuner is None else tuner.tuned(config, splits, out / "trials" / f"fold-{number}")
            config = config if tuning is None else tuning.best.chosen(config)
            runs = _started(out / f"fold-{number}", config, splits)
            yield StartedFold(cohort, runs, repeat, number, tuning)


def fitted_folds(
    args: argparse.Namespace,
    cohort: Cohort,
    device: torch.device,
    scheme: Scheme,
    purpose: Purpose = Purpose.MODEL,
) -> Iterator[Fold]:
    """
    Fit the networks of each fold, or go on where it was stopped; what is finished is not trained again.

    Arguments and errors are those of `started_folds`; the device is where to compute.
    """
    tuner = Tuner(cohort, device, scheme.trials, args.cache, args.weights) if scheme.trials else None
    for started in started_folds(args, cohort, scheme, purpose, tuner):
        config = started.runs[0].config
        crops = load_crops(cohort, config.spec, config.edge_policy, args.cache)
        for run in started.runs:
            if not run.finished:
                fit_network(run, crops, device, args.weights)
        yield Fold(started.repeat, started.number, started.runs, crops, started.tuning)


def _started(folder: Path, config: RunConfig, splits: Sequence[Split]) -> tuple[Run, ...]:
    """A run for each split; a single one has the folder for itself."""
    return tuple(
        Run.start(folder if len(splits) == 1 else folder / f"inner-{part}", config, split)
        for part, split in enumerate(splits, start=1)
    )


def repeat_seed(seed: int, repeat: int) -> int:
    """The seed of a repeat; the first one's is the seed itself, so that repeats can be added to a finished run."""
    return seed if repeat == 1 else int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])


def answer_fold(fold: Fold) -> HeldOut:
    """
    Answer a fold's test part by the mean logit of its networks.

    Calibration and operating point are chosen on the answers that each network gives to its own validation part: over
    the inner parts those are all patients but the tested ones.
    """
    tested = [answer_held_out(run, fold.crops) for run in fold.runs]
    if len(tested) == 1:
        return tested[0]
    validated = [answer_held_out(_tested_on_validation(run), fold.crops) for run in fold.runs]
    labels = np.concatenate([each.labels for each in validated])
    logits = np.concatenate([each.logits for each in validated])
    mean_logits = np.mean([each.logits for each in tested], axis=0)
    return replace(
        tested[0],
        logits=mean_logits,
        lifts=np.mean([each.lifts for each in tested], axis=0),
        **decided(labels, logits, mean_logits, "inner out-of-fold patients"),
    )


def _splits(cohort: Cohort, folds: Sequence[Sequence[int]], test_fold: int, inner: int, seed: int) -> tuple[Split, ...]:
    if inner == 1:
        return (split_at(cohort.cases, folds, test_fold),)
    return inner_splits(cohort.cases, folds[test_fold], inner, seed)


def _tested_on_validation(run: Run) -> Run:
    return replace(run, split=replace(run.split, test=run.split.validation))
