"""
How many labels are wrong, and which: confident learning.

Northcutt, Jiang and Chuang 2021, J. Artif. Intell. Res. 70:1373, as in cleanlab. A node counts as mislabelled where
the other class is more probable than that class usually is among the nodes labelled so.
"""

from dataclasses import dataclass

import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray

from imaging.roc import CONFIDENCE, Estimate

RESAMPLE_COUNT = 500


@dataclass(frozen=True, slots=True)
class Noise:
    """
    Estimated shares of wrong labels, with intervals from resampled patients.

    A weak auditor takes hard nodes for mislabelled ones, so that this is rather too high than too low.

    Attributes:
        among_benign: Of the nodes labelled benign, those that are metastatic.
        among_metastatic: Of the nodes labelled metastatic, those that are benign.
        total: Of all nodes.
    """

    among_benign: Estimate
    among_metastatic: Estimate
    total: Estimate


NO_NOISE = Noise(*3 * (Estimate(0.0, 0.0, 0.0),))
"""Where no label can be wrong."""


def estimated_noise(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], patients: list[str], seed: int
) -> Noise:
    """
    Estimate the noise from out-of-fold probabilities of metastasis, (nodes,); both classes are needed.

    Whole patients are resampled, as in `imaging.roc`; what the probabilities owe to the patients that they were
    learnt from is not.
    """
    values = _shares(labels, probabilities)
    _, places = np.unique(patients, return_inverse=True)
    rows = [np.flatnonzero(places == place) for place in range(int(places.max()) + 1)]
    rng = np.random.default_rng(seed)
    resampled = []
    for _ in range(RESAMPLE_COUNT):
        drawn = np.concatenate([rows[place] for place in rng.integers(len(rows), size=len(rows))])
        if 0 < labels[drawn].sum() < len(drawn):
            resampled.append(_shares(labels[drawn], probabilities[drawn]))
    tails = (1 - CONFIDENCE) / 2
    lower, upper = np.quantile(resampled, [tails, 1 - tails], axis=0)
    among_benign, among_metastatic, total = (
        Estimate(float(values[n]), float(lower[n]), float(upper[n])) for n in range(3)
    )
    return Noise(among_benign, among_metastatic, total)


def suspects(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which labels confident learning holds to be wrong, (nodes,): the least credible of each class."""
    found: NDArray[np.bool_] = find_label_issues(labels, _by_class(probabilities), n_jobs=1)
    return found


def label_qualities(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Self-confidence, (nodes,): the probability of the given label; the lower, the more it is to be doubted."""
    qualities: NDArray[np.float64] = get_label_quality_scores(
        labels, _by_class(probabilities), method="self_confidence"
    )
    return qualities


def _shares(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of wrong labels among benign, among metastatic, and in total."""
    joint = compute_confident_joint(labels, _by_class(probabilities))
    wrong = np.array([joint[0, 1], joint[1, 0]])
    return np.array([*(wrong / joint.sum(axis=1)), wrong.sum() / joint.sum()])


def _by_class(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([1 - probabilities, probabilities], axis=1)
