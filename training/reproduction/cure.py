"""The cure: what reviews of labels, guided by an audit or at random, are worth on the true labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.cases import Cohort
from training.labels.auditors import panel_of
from training.radiomics.baselines import BASELINES, out_of_fold_scores
from training.radiomics.features import load_features
from training.reproduction.cohort import LabelledCohort, require_all
from training.reproduction.networks import Machine, out_of_fold_logits
from training.reproduction.review import Arm, Folder, reviewed
from training.reproduction.settings import Settings
from training.reproduction.steps import Steps
from training.split import patient_folds

AUDITORS = ("radiomics LR", "radiomics RF")
"""And the network with the pooling head, where it was cross-validated."""

NOISY = "noisy"
CLEAN = "clean"

Scores = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """
    What models are worth that learnt from the labels at one point of the cure.

    Attributes:
        arm: By what the reviewed nodes were chosen; None before any review, and for the true labels.
        share: Of the nodes, that is reviewed.
        reviewed_count: Nodes.
        wrong_share: Share of wrong labels that are left.
        scores: Out of fold, (nodes,), by model.
        turn: What `reviewed` told of the latest worklist; empty where there is none.
    """

    arm: Arm | None
    share: float
    reviewed_count: int
    wrong_share: float
    scores: Scores
    turn: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """
    All points of the cure.

    Attributes:
        noisy: With the given labels.
        clean: With the true ones: what could be reached.
        reviews: All others, arm by arm.
    """

    noisy: Point
    clean: Point
    reviews: tuple[Point, ...]

    def of(self, arm: Arm, share: float) -> Point:
        """One of the points."""
        return next(point for point in self.reviews if (point.arm, point.share) == (arm, share))


class Cure:
    """
    The cure of a cohort; steps that are done are not done again.

    Args:
        steps: Where results are kept.
        cohort: With given and true labels.
        settings: All choices.
        machine: Where networks are trained.
    """

    def __init__(self, steps: Steps, cohort: LabelledCohort, settings: Settings, machine: Machine) -> None:
        self._steps, self._cohort, self._settings, self._machine = steps, cohort, settings, machine
        self._folds = patient_folds(cohort.given.cases, settings.fold_count, settings.seed)

    def course(self) -> Course:
        """Cross-validate with the given labels, the true ones, and those after each worklist of each arm."""
        pooling = bool(self._settings.pooling_shares)
        noisy = Point(None, 0.0, 0, *self._learnt(NOISY, self._cohort.given, pooling), {})
        clean = Point(None, 0.0, 0, *self._learnt(CLEAN, self._cohort.truth, pooling), {})
        reviews = [point for arm in Arm for point in self._arm(arm, noisy)]
        return Course(noisy, clean, tuple(reviews))

    def _arm(self, arm: Arm, start: Point) -> list[Point]:
        """The points of an arm, each with labels that were reviewed as the models of the one before suggest."""
        points, folder = [start], Folder(self._steps.folder / "worklists" / arm, 0)
        auditors = start.scores
        for share in self._settings.shares[1:]:
            turn = self._turn(arm, share, folder, auditors, points[-1].reviewed_count)
            folder = Folder(folder.path, int(turn["revision"]))
            current = folder.labelled(self._cohort.given)
            learnt = self._learnt(f"{arm}-{share:g}", current, share in self._settings.pooling_shares)
            count = points[-1].reviewed_count + len(turn["nodes"])
            points.append(Point(arm, share, count, *learnt, turn))
            # The network is an auditor too, with its latest answers.
            auditors = {**auditors, **points[-1].scores}
        return points[1:]

    def _turn(self, arm: Arm, share: float, folder: Folder, scores: Scores, reviewed_count: int) -> dict[str, Any]:
        size = round(share * len(self._cohort.given.cases)) - reviewed_count
        names = [name for name in (*AUDITORS, self._settings.pooling.network) if name in scores]

        def work() -> dict[str, Any]:
            current = folder.labelled(self._cohort.given)
            panel = panel_of(current.cases, {name: scores[name] for name in names}, self._settings.seed)
            return reviewed(self._cohort, panel, folder, arm, size, self._settings)

        return self._steps.once(f"review-{arm}-{share:g}", work)

    def _learnt(self, name: str, labelled: Cohort, pooling: bool) -> tuple[float, Scores]:
        """Share of wrong labels, and the scores of the models that learn from these labels."""
        found = self._steps.once(f"radiomics-{name}", lambda: self._baselines(labelled))
        if pooling:
            found |= self._steps.once(f"pooling-{name}", lambda: self._pooling(name, labelled))
        return self._cohort.wrong_share(labelled), {model: np.array(each) for model, each in found.items()}

    def _baselines(self, labelled: Cohort) -> dict[str, Any]:
        features = load_features(labelled)
        require_all(labelled, features.case_indices)
        labels = [case.label for case in labelled.cases]
        scores = out_of_fold_scores(features, labels, self._cohort.patients, self._folds, self._settings.seed)
        return {name: scores[name].tolist() for name in BASELINES}

    def _pooling(self, name: str, labelled: Cohort) -> dict[str, Any]:
        training = self._settings.pooling
        folder: Path = self._steps.folder / "runs" / f"{training.network}-{name}"
        count = self._settings.fold_count
        return {training.network: out_of_fold_logits(labelled, training, folder, count, self._machine)}
