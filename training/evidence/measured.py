"""Means over nodes of which some have no value."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.roc import Estimate, mean_with_interval


def mean_of(values: ArrayLike, patients: ArrayLike) -> Estimate | None:
    """
    Mean, with its interval from resampled patients, over those nodes that have a value; None where none has.

    Args:
        values: (nodes,), NaN where a node has none.
        patients: Whose the nodes are, (nodes,).
    """
    measured, known = np.asarray(values, dtype=np.float64), np.isfinite(np.asarray(values, dtype=np.float64))
    return mean_with_interval(measured[known], np.asarray(patients)[known]) if known.any() else None


def over_last_axis(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over the last axis of what is not NaN; NaN where nothing is left."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    means: NDArray[np.float64] = np.divide(
        np.where(known, values, 0.0).sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0
    )
    return means


def is_above(estimate: Estimate | None, bound: float) -> bool:
    """Whether there is an estimate whose whole interval is above a bound."""
    return estimate is not None and estimate.lower > bound
