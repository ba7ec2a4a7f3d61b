"""Whether two maps show the same."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def rank_correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Spearman's correlation of two maps over all of their cells; NaN where one of them has a single value."""
    ranks, others = rankdata(one), rankdata(other)
    if np.ptp(ranks) == 0 or np.ptp(others) == 0:
        return np.nan
    return float(np.corrcoef(ranks, others)[0, 1])


def rank_correlations(maps: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each node, (nodes,), from its evidence, (nodes, slices, h, w), under two networks."""
    return np.array([rank_correlation(one, other) for one, other in zip(maps, others, strict=True)])
