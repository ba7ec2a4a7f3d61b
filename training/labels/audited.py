"""What an audit finds, and whether it can see at all."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from imaging.roc import Estimate, auc_with_interval
from training.labels.auditors import Panel
from training.labels.noise import NO_NOISE, Noise, estimated_noise, suspects
from training.split import NAMES

CHANCE = 0.5
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Opinion:
    """
    What one auditor, or the mean of all, thinks of the labels.

    Attributes:
        name: Whose it is.
        auc: Against the given labels; these may be wrong, so the true one may be higher.
        noise: As estimated among the labels that nobody has reviewed; None where these are of one class. After a review
            of the most doubtful labels it is far too low: they are gone, and they were chosen by what it is counted by.
        suspect_count: Of these, labels held to be wrong.
    """

    name: str
    auc: Estimate
    noise: Noise | None
    suspect_count: int

    @property
    def blind(self) -> bool:
        """Whether chance would do as well: the interval of the AUC reaches down to one half."""
        return self.auc.lower <= CHANCE


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    How far two auditors doubt the same labels.

    Attributes:
        one: Name of the first.
        other: Name of the second.
        both: Labels that both hold to be wrong.
        either: Labels that at least one does.
        kappa: Cohen's κ; None where one of them doubts nothing, or everything.
    """

    one: str
    other: str
    both: int
    either: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Audit:
    """
    The numbers of an audit.

    Attributes:
        synthetic: True for phantoms, whose results say nothing about patients.
        node_count: Nodes audited.
        patient_count: Whose they are.
        left_out_count: Nodes that not all auditors have answered.
        reviewed_count: Of the audited nodes, those whose readers have decided: their labels are not in doubt.
        opinions: Of each auditor.
        together: Of their mean, by which the worklist is ranked.
        agreements: Of each pair.
    """

    synthetic: bool
    node_count: int
    patient_count: int
    left_out_count: int
    reviewed_count: int
    opinions: tuple[Opinion, ...]
    together: Opinion
    agreements: tuple[Agreement, ...]

    @property
    def blind(self) -> bool:
        """Whether the worklist is no better than a random one."""
        return self.together.blind

    @property
    def partly_reviewed(self) -> bool:
        """Whether the labels in doubt are some only, and no sample of all."""
        return 0 < self.reviewed_count < self.node_count


def audited(panel: Panel, synthetic: bool, seed: int, reviewed: Collection[int] = ()) -> Audit:
    """
    Audit the labels of a panel's nodes.

    Args:
        panel: Nodes and auditors.
        synthetic: Whether they are phantoms.
        seed: Of resamples.
        reviewed: Places of the nodes whose readers have decided; by them, too, an auditor is judged.

    Raises:
        InvalidCases: a class is missing among all labels.
    """
    left = np.array([n not in reviewed for n in range(len(panel.cases))])
    doubted = {auditor.name: _doubted(panel, left, auditor.probabilities) for auditor in panel.auditors}
    return Audit(
        synthetic=synthetic,
        node_count=len(panel.cases),
        patient_count=len(set(panel.patients)),
        left_out_count=panel.left_out_count,
        reviewed_count=int((~left).sum()),
        opinions=tuple(
            _opinion(panel, left, each.name, each.scores, each.probabilities, seed) for each in panel.auditors
        ),
        together=_opinion(panel, left, TOGETHER, panel.probabilities, panel.probabilities, seed),
        agreements=tuple(_agreement(one, other, doubted) for one, other in combinations(doubted, 2)),
    )


def _opinion(
    panel: Panel,
    left: NDArray[np.bool_],
    name: str,
    scores: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    seed: int,
) -> Opinion:
    return Opinion(
        name=name,
        auc=auc_with_interval(panel.labels, scores, panel.patients, seed),
        noise=_noise(panel, left, probabilities, seed),
        suspect_count=int(_doubted(panel, left, probabilities).sum()),
    )


def _noise(panel: Panel, left: NDArray[np.bool_], probabilities: NDArray[np.float64], seed: int) -> Noise | None:
    """The noise among the labels without a review; none where all were reviewed, unknown where a class is missing."""
    if not left.any():
        return NO_NOISE
    if not _both_classes(panel, left):
        return None
    patients = [patient for patient, each in zip(panel.patients, left, strict=True) if each]
    return estimated_noise(panel.labels[left], probabilities[left], patients, seed)


def _doubted(panel: Panel, left: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which labels are held to be wrong, (nodes,); of those without a review, by which also their noise is counted."""
    found = np.zeros(len(left), dtype=np.bool_)
    if _both_classes(panel, left):
        found[left] = suspects(panel.labels[left], probabilities[left])
    return found


def _both_classes(panel: Panel, left: NDArray[np.bool_]) -> bool:
    return len(set(panel.labels[left].tolist())) == len(NAMES)


def _agreement(one: str, other: str, doubted: dict[str, NDArray[np.bool_]]) -> Agreement:
    first, second = doubted[one], doubted[other]
    told_apart = all(0 < each.sum() < len(each) for each in (first, second))
    kappa = float(cohen_kappa_score(first, second)) if told_apart else None
    return Agreement(one, other, int((first & second).sum()), int((first | second).sum()), kappa)
