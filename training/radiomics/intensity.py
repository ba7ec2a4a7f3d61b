"""
The Hounsfield units inside a node.

Names, definitions and codes: the Image Biomarker Standardisation Initiative (IBSI; Zwanenburg et al. 2020, Radiology
295:328, and its reference manual, arXiv:1612.07003), families UHIW (statistics) and ZVCW (histogram).
"""

import numpy as np
from numpy.typing import NDArray

BIN_HU = 25.0
"""
Width of a bin: IBSI's fixed bin size, by which a bin means the same in every node; a fixed number of bins would not do
so. Bins start at multiples of it.
"""

FLAT_HU = 1e-3
"""Nodes whose standard deviation is below have no skewness and no kurtosis but that of rounding: both are 0."""

CODES = {
    "mean_hu": "Q4LE",
    "variance_hu2": "ECT3",
    "skewness": "KE2A",
    "excess_kurtosis": "IPH6",
    "p10_hu": "QG58",
    "p90_hu": "8DWT",
    "interquartile_range_hu": "SALO",
    "histogram_entropy": "TLU2",
    "histogram_uniformity": "BJ5W",
}
"""IBSI's code of each feature."""


def intensity_features(hu: NDArray[np.floating], inside: NDArray[np.bool_], bin_hu: float = BIN_HU) -> dict[str, float]:
    """
    The features of `CODES`.

    Args:
        hu: (slices, rows, columns).
        inside: Which voxels count, same shape; at least one, and all of them finite.
        bin_hu: Width of the histogram's bins.
    """
    values = hu[inside].astype(np.float64)
    p10, p25, p75, p90 = np.percentile(values, [10, 25, 75, 90]).tolist()
    centred = values - values.mean()
    sd = float(np.sqrt(np.mean(centred**2)))
    flat = sd < FLAT_HU
    _, counts = np.unique(levels(values, bin_hu), return_counts=True)
    return {
        "mean_hu": float(values.mean()),
        "variance_hu2": sd**2,
        "skewness": 0.0 if flat else float(np.mean((centred / sd) ** 3)),
        "excess_kurtosis": 0.0 if flat else float(np.mean((centred / sd) ** 4)) - 3,
        "p10_hu": p10,
        "p90_hu": p90,
        "interquartile_range_hu": p75 - p25,
        "histogram_entropy": entropy_bits(counts),
        "histogram_uniformity": float(np.sum((counts / counts.sum()) ** 2)),
    }


def levels(hu: NDArray[np.floating], bin_hu: float) -> NDArray[np.int64]:
    """The bin of each value; finite values of any shape."""
    found: NDArray[np.int64] = np.floor(hu / bin_hu).astype(np.int64)
    return found


def entropy_bits(counts: NDArray[np.int64]) -> float:
    """
    Shannon's entropy of what was counted; all counts above 0.

    >>> entropy_bits(np.array([2, 1, 1]))
    1.5
    """
    shares = counts / counts.sum()
    return float(-np.sum(shares * np.log2(shares)))
