"""The cure: what reviews of labels, guided by an audit or at random, are worth on the true labels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.cases import Cohort
from training.labels.audited import audited
from training.labels.auditors import Panel, panel_of
from training.radiomics.baselines import BASELINES, out_of_fold_scores
from training.radiomics.features import NodeFeatures
from training.reproduction.cohort import LabelledCohort
from training.reproduction.networks import Machine, out_of_fold_logits
from training.reproduction.review import Arm, Folder, reviewed
from training.reproduction.settings import Settings
from training.reproduction.steps import Steps
from training.split import patient_folds

LINEAR = "radiomics LR"
AUDITORS = (LINEAR, "radiomics RF")

TRUSTING = f"{LINEAR}, trusting reviews"
"""It learns as the auditors do, and not from all labels alike as the other models."""

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
        turn: What `reviewed` told of the latest worklist, and its ``audit``, if it is told; empty where there is none.
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
        features: Of all its nodes.
        settings: All choices.
        machine: Where networks are trained.
        models: Baselines that learn from the labels of each point; `LINEAR` at least.
        audits: Whether the numbers of each audit are told.
    """

    def __init__(
        self,
        steps: Steps,
        cohort: LabelledCohort,
        features: NodeFeatures,
        settings: Settings,
        machine: Machine,
        models: Collection[str] = tuple(BASELINES),
        audits: bool = True,
    ) -> None:
        self._steps, self._cohort, self._features = steps, cohort, features
        self._settings, self._machine, self._models, self._audits = settings, machine, models, audits
        self._folds = patient_folds(cohort.given.cases, settings.fold_count, settings.seed)

    def course(self) -> Course:
        """Cross-validate with the given labels, the true ones, and those after each worklist of each arm."""
        noisy, clean = self._before(NOISY, self._cohort.given), self._before(CLEAN, self._cohort.truth)
        known = {name: noisy.scores[name] for name in AUDITORS if name in noisy.scores}
        # Before any review there is nothing to trust, so that a model which learnt from all labels is an auditor as is.
        missing = [name for name in AUDITORS if name not in known]
        doubting = known | (self._auditors(NOISY, self._cohort.given, missing) if missing else {})
        reviews = [point for arm in Arm for point in self._arm(arm, noisy, doubting)]
        return Course(noisy, clean, tuple(reviews))

    def _before(self, name: str, labelled: Cohort) -> Point:
        """A point without reviews, at which there is nothing to trust."""
        wrong_share, scores = self._learnt(name, labelled, bool(self._settings.pooling_shares))
        return Point(None, 0.0, 0, wrong_share, {**scores, TRUSTING: scores[LINEAR]}, {})

    def _arm(self, arm: Arm, start: Point, auditors: Scores) -> list[Point]:
        """The points of an arm, each with labels that were reviewed as the auditors of the one before suggest."""
        points, folder = [start], Folder(self._steps.folder / "worklists" / arm, 0)
        for share in self._settings.shares[1:]:
            turn = self._turn(arm, share, folder, auditors, points[-1].reviewed_count)
            folder = Folder(folder.path, int(turn["revision"]))
            current = folder.labelled(self._cohort.given)
            wrong_share, scores = self._learnt(f"{arm}-{share:g}", current, share in self._settings.pooling_shares)
            noise = unreviewed_noise([*(point.turn for point in points[1:]), turn])
            names = AUDITORS if arm is Arm.GUIDED else (LINEAR,)
            latest = self._auditors(f"{arm}-{share:g}", current, names, folder.trusted(current, noise))
            count = points[-1].reviewed_count + len(turn["nodes"])
            points.append(Point(arm, share, count, wrong_share, {**scores, TRUSTING: latest[LINEAR]}, turn))
            auditors = {**auditors, **latest}
        return points[1:]

    def _turn(self, arm: Arm, share: float, folder: Folder, scores: Scores, reviewed_count: int) -> dict[str, Any]:
        size = round(share * len(self._cohort.given.cases)) - reviewed_count

        def work() -> dict[str, Any]:
            current = folder.labelled(self._cohort.given)
            panel = panel_of(current.cases, scores, self._settings.seed)
            turn = reviewed(self._cohort, panel, folder, arm, size, self._settings)
            told = arm is Arm.GUIDED and self._audits
            return {**turn, "audit": self._audit(panel, folder.reviewed(current)) if told else None}

        return self._steps.once(f"review-{arm}-{share:g}", work)

    def _audit(self, panel: Panel, known: Collection[int]) -> dict[str, Any]:
        audit = audited(panel, self._cohort.given.synthetic, self._settings.seed, known)
        return {**asdict(audit), "blind": audit.blind}

    def _auditors(
        self, name: str, labelled: Cohort, names: Collection[str], weights: NDArray[np.float64] | None = None
    ) -> Scores:
        """The scores of auditors, learnt from the labels as far as each can be trusted, or from all alike."""
        return _arrays(self._steps.once(f"auditors-{name}", lambda: self._baselines(labelled, names, weights)))

    def _learnt(self, name: str, labelled: Cohort, pooling: bool) -> tuple[float, Scores]:
        """Share of wrong labels, and the scores of the models that learn from these labels, all alike."""
        found = self._steps.once(f"radiomics-{name}", lambda: self._baselines(labelled, self._models))
        if pooling:
            found |= self._steps.once(f"pooling-{name}", lambda: self._pooling(name, labelled))
        return self._cohort.wrong_share(labelled), _arrays(found)

    def _baselines(
        self, labelled: Cohort, names: Collection[str], weights: NDArray[np.float64] | None = None
    ) -> dict[str, Any]:
        labels, patients = [case.label for case in labelled.cases], self._cohort.patients
        seed = self._settings.seed
        scores = out_of_fold_scores(self._features, labels, patients, self._folds, seed, weights, names)
        return {name: scores[name].tolist() for name in names}

    def _pooling(self, name: str, labelled: Cohort) -> dict[str, Any]:
        training = self._settings.pooling
        folder: Path = self._steps.folder / "runs" / f"{training.network}-{name}"
        count = self._settings.fold_count
        return {training.network: out_of_fold_logits(labelled, training, folder, count, self._machine)}


def unreviewed_noise(turns: Sequence[Mapping[str, Any]]) -> float:
    """Share of wrong labels among those without a review, as the random controls of all turns so far show it."""
    controls = [turn["lift"]["control"] for turn in turns]
    answered = sum(int(each["answered"]) for each in controls)
    return sum(int(each["wrong"]) for each in controls) / answered if answered else 0.0


def _arrays(found: Mapping[str, Any]) -> Scores:
    return {model: np.array(each) for model, each in found.items()}
