"""Whether acting on the answers does more good than acting always, or never."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.roc import Estimate, estimated, resampled_patients

THRESHOLDS = tuple(n / 20 for n in range(1, 20))


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """
    What acting from a probability on comes to, in true positives a node.

    Attributes:
        threshold: The probability from which one acts; it says how many needless acts one metastasis is worth.
        acting_on_answers: Net benefit of acting where the probability is at least the threshold.
        acting_always: Of acting on every node; acting on none comes to 0.
        gain: Of the answers over the better of always and never.
    """

    threshold: float
    acting_on_answers: Estimate
    acting_always: float
    gain: Estimate


def decision_curve(
    labels: ArrayLike, probabilities: ArrayLike, patients: ArrayLike, seed: int = 0
) -> tuple[NetBenefit, ...]:
    """
    Net benefit at each threshold (Vickers and Elkin 2006, Med. Decis. Making 26:565), with intervals of patients.

    The net benefit is (true positives - false positives * t / (1 - t)) / nodes at the threshold t. It holds for the
    share of metastatic nodes in these data.
    """
    known, given = np.asarray(labels).astype(bool), np.asarray(probabilities, dtype=np.float64)
    weights = np.concatenate([np.ones((1, len(known))), resampled_patients(patients, seed)])
    thresholds = np.array(THRESHOLDS)
    # (nodes, thresholds): what acting on each node is worth.
    worth = np.where(known[:, None], 1.0, -thresholds / (1 - thresholds))
    answers = _mean(weights, worth * (given[:, None] >= thresholds))
    always = _mean(weights, worth)
    gain = answers - np.maximum(always, 0)
    return tuple(
        NetBenefit(
            threshold=threshold,
            acting_on_answers=estimated(float(answers[0, n]), answers[1:, n]),
            acting_always=float(always[0, n]),
            gain=estimated(float(gain[0, n]), gain[1:, n]),
        )
        for n, threshold in enumerate(THRESHOLDS)
    )


def _mean(weights: NDArray[np.float64], worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means under each row of weights, (resamples, thresholds)."""
    means: NDArray[np.float64] = (weights @ worth) / weights.sum(axis=1, keepdims=True)
    return means
