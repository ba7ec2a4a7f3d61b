"""Networks and baselines on the same nodes, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from imaging.roc import Estimate, auc_difference, auc_with_interval
from training.errors import InvalidCases
from training.statistics.delong import Difference, auc_difference_test, auc_interval

SHORT_AXIS = "short axis alone"
VOLUME = "volume alone"


@dataclass(frozen=True, slots=True)
class Above:
    """
    By how much the AUC of one score exceeds that of the reference on the same nodes.

    Attributes:
        bootstrap: With the interval of resampled patients.
        delong: By DeLong's paired test, as if nodes were independent.
        clustered: By its form for nodes in patients.
    """

    bootstrap: Estimate
    delong: Difference
    clustered: Difference


@dataclass(frozen=True, slots=True)
class Compared:
    """
    How well one score orders the nodes.

    Attributes:
        name: Of the score.
        bootstrap: AUC with the interval of resampled patients.
        delong: AUC with DeLong's interval, as if nodes were independent.
        clustered: AUC with the interval of DeLong's form for nodes in patients.
        above: The reference; None for the reference itself.
    """

    name: str
    bootstrap: Estimate
    delong: Estimate
    clustered: Estimate
    above: Above | None


def compared(
    labels: ArrayLike, patients: ArrayLike, scores: Mapping[str, ArrayLike], reference: str = SHORT_AXIS
) -> tuple[Compared, ...]:
    """
    Compare scores of the same nodes, in the order they are given.

    Args:
        labels: 1 metastatic, 0 benign, (nodes,).
        patients: Whose the nodes are, (nodes,).
        scores: By name, each (nodes,); the larger, the more metastatic, on any scale. One of them is the reference.
        reference: What the others must beat.

    Raises:
        InvalidCases: a class is missing, or a score lacks a node.
    """
    owners, values = np.asarray(patients), {name: np.asarray(given, dtype=float) for name, given in scores.items()}
    for name, given in values.items():
        if given.shape != owners.shape or not np.isfinite(given).all():
            raise InvalidCases(f"the score {name!r} has no value for some of the {len(owners)} nodes; leave it out")
    known, against = np.asarray(labels), values[reference]
    return tuple(
        Compared(
            name=name,
            bootstrap=auc_with_interval(known, given, owners),
            delong=auc_interval(known, given),
            clustered=auc_interval(known, given, owners),
            above=above(known, given, against, owners) if name != reference else None,
        )
        for name, given in values.items()
    )


def above(labels: ArrayLike, scores: ArrayLike, others: ArrayLike, patients: ArrayLike) -> Above:
    """
    By how much the AUC of ``scores`` exceeds that of ``others`` on the same nodes; all are (nodes,).

    Raises:
        InvalidCases: a class is missing.
    """
    return Above(
        bootstrap=auc_difference(labels, scores, others, patients),
        delong=auc_difference_test(labels, scores, others),
        clustered=auc_difference_test(labels, scores, others, patients),
    )
