"""What other commands wrote about the training of a run, once it is sure that it belongs to that run."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from imaging.roc import Estimate, auc_difference
from training.cases import Cohort
from training.config import RunConfig
from training.control import permuted_for
from training.errors import InvalidRun
from training.findings import USED
from training.finished import first_run, runs_of
from training.labels.auditors import node_scores
from training.labels.worklist import AUDIT_FILE
from training.radiomics.baselines import SHORT_AXIS
from training.release.facts import Audited, Baselines, Group, OutOfFold, Shown
from training.run import Run

FREE = {"seed", "cases", "labels", "side_mm"}
"""Choices that may differ between runs of one training: each fold fits its own box, and tables may have moved."""

Plain = dict[str, Any]


def read_out_of_fold(folder: Path, run: Run) -> OutOfFold:
    """
    What `crossval` wrote.

    Raises:
        InvalidRun: it is of other cases or choices, its folds had different ones, or it is from an older release.
    """
    plain = _read(folder / "evaluation.json", "crossval")
    _require_alike(folder)
    _require_same_training(folder, first_run(folder).config, run.config, FREE)
    repeats = _read(folder / "crossval.json", "crossval").get("AUC over repeats")
    with _Fields(folder / "evaluation.json"):
        used = plain["calibration"][USED]
        return OutOfFold(
            node_count=plain["node_count"],
            patient_count=plain["patient_count"],
            auc=Estimate(**plain["auc"]),
            short_axis_auc=Estimate(**plain["short_axis_auc"]),
            size_auc=Estimate(**plain["size_auc"]),
            above_short_axis=Estimate(**plain["auc_above_short_axis"]),
            sensitivity=Estimate(**plain["sensitivity"]),
            specificity=Estimate(**plain["specificity"]),
            slope=Estimate(**used["slope"]),
            intercept=Estimate(**used["intercept"]),
            groups=tuple(
                Group(f"{row['kind']}, {row['name']}", row["node_count"], _estimate(row["auc"]))
                for row in plain["subgroups"]
            ),
            training_auc=plain["mean_training_auc"],
            repeat_range=None if repeats is None else repeats["highest"] - repeats["lowest"],
        )


def read_control(folder: Path, run: Run, cohort: Cohort) -> Estimate:
    """
    The mean AUC that `control` found with permuted labels.

    Raises:
        InvalidRun: it is of other cases or choices.
        InvalidCases: the cohort is too small for such a control.
    """
    plain = _read(folder / "control.json", "control")
    config = Run.open(folder / "run-1" / "fold-1").config
    _require_same_training(folder, config, run.config, {*FREE, "cohort_digest", "purpose"})
    fold_count = len(list((folder / "run-1").glob("fold-*")))
    if config.cohort_digest != permuted_for(cohort, config.seed, 1, fold_count).digest:
        raise InvalidRun(f"{folder} is of other cases or labels than {run.folder}; run `nodelens-train control` again")
    with _Fields(folder / "control.json"):
        return Estimate(**plain["auc"])


def read_baselines(folder: Path, crossval: Path, run: Run, cohort: Cohort) -> Baselines:
    """
    What `baselines` wrote, and the network's answers out of fold against the best of them on the same nodes.

    Raises:
        InvalidRun: it is of other cases, or from an older release.
        InvalidCases: a table of predictions is damaged.
    """
    plain = _read(folder / "baselines.json", "baselines")
    _require_same_cases(folder, plain, run)
    with _Fields(folder / "baselines.json"):
        aucs = {name: Estimate(**each["auc"]) for name, each in plain["baselines"].items()}
        best = max((name for name in aucs if name != SHORT_AXIS), key=lambda name: aucs[name].value)
    network = node_scores(crossval / "predictions.csv", None, cohort)
    others = node_scores(folder / "predictions.csv", best, cohort)
    both = sorted(network.keys() & others.keys())
    above = auc_difference(
        [cohort.cases[index].label for index in both],
        np.array([network[index] for index in both]),
        np.array([others[index] for index in both]),
        [cohort.cases[index].patient for index in both],
    )
    return Baselines(aucs, best, above)


def read_shown(path: Path, run: Run) -> Shown:
    """
    What `evidence` wrote.

    Raises:
        InvalidRun: it is of another network, or from an older release.
    """
    plain = _read(path, f"evidence {run.folder}")
    with _Fields(path):
        if plain["network_digest"] != run.network_digest():
            raise InvalidRun(f"{path} is of another network than {run.folder}; run `nodelens-train evidence` on it")
        changes, everything = plain["counterfactual"], plain["localisation"]["all"]
        return Shown(
            empty_share=everything["empty_count"] / everything["node_count"],
            lift=_estimate(everything["lift"]),
            above_fresh=_estimate(plain["randomisation"]["lift_above"]),
            above_elsewhere=_estimate(changes["removed_above_elsewhere"]),
            above_swapped=_estimate(changes["removed_above_swapped"]),
            guided=plain["guidance"] > 0,
        )


def read_audited(folder: Path, run: Run) -> Audited:
    """
    What `audit` wrote.

    Raises:
        InvalidRun: it is of other cases or labels, or from an older release.
    """
    plain = _read(folder / AUDIT_FILE, "audit")
    _require_same_cases(folder, plain, run)
    with _Fields(folder / AUDIT_FILE):
        partly = 0 < plain["reviewed_count"] < plain["node_count"]
        noise = None if partly else plain["together"]["noise"]["total"]
        return Audited(Estimate(**plain["together"]["auc"]), _estimate(noise))


class _Fields:
    """Turns a missing or odd field of a file into the error that says what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, (KeyError, TypeError, ValueError)) and not isinstance(error, InvalidRun):
            raise InvalidRun(f"{self.path} is damaged, or older than this release; write it again") from error


def _read(path: Path, command: str) -> Plain:
    if not path.is_file():
        raise InvalidRun(f"{path.parent} has no {path.name}; run `nodelens-train {command}` first")
    with _Fields(path):
        plain = json.loads(path.read_text(encoding="utf-8"))
        return dict(plain)


def _estimate(plain: Plain | None) -> Estimate | None:
    return None if plain is None else Estimate(**plain)


def _require_alike(folder: Path) -> None:
    """Refuse a cross-validation whose runs are several trainings."""
    first, *others = runs_of(folder) or [first_run(folder)]
    for other in others:
        for name, theirs, ours in other.config.differences(first.config):
            if name not in FREE:
                raise InvalidRun(
                    f"{folder} is of several trainings: {name} is {ours} in one fold and {theirs} in another, as after "
                    "--tune; cross-validate without it, with the options of the run"
                )


def _require_same_training(folder: Path, config: RunConfig, own: RunConfig, free: set[str]) -> None:
    for name, theirs, ours in config.differences(own):
        if name not in free:
            raise InvalidRun(
                f"{folder} says nothing of the run: its {name} is {theirs}, the run's {ours}; use the same cases, "
                "labels and options for both"
            )


def _require_same_cases(folder: Path, plain: Plain, run: Run) -> None:
    if plain.get("cohort_digest") != run.config.cohort_digest:
        raise InvalidRun(
            f"{folder} is of other cases or labels than {run.folder}, or older than this release; use the same --cases "
            "and --labels for both"
        )
