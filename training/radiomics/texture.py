"""
How the Hounsfield units of neighbouring voxels of a node go together.

The grey level co-occurrence matrix (Haralick et al. 1973, IEEE Trans. Syst. Man Cybern. 3:610) as the Image Biomarker
Standardisation Initiative defines it (IBSI; Zwanenburg et al. 2020, Radiology 295:328, and its reference manual,
arXiv:1612.07003): family LFYI, symmetric, distance 1, all 13 directions of a volume merged into one matrix (IAZD).
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from training.radiomics.intensity import BIN_HU, entropy_bits, levels

DIRECTIONS = tuple(step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0))
"""From a voxel to half of its 26 neighbours; the other half is the same pairs once more."""

CODES = {
    "glcm_contrast": "ACUI",
    "glcm_joint_entropy": "TU9B",
    "glcm_inverse_difference": "IB1Z",
    "glcm_correlation": "NI2N",
    "glcm_cluster_shade": "7NFM",
}
"""IBSI's code of each feature."""


def texture_features(hu: NDArray[np.floating], inside: NDArray[np.bool_], bin_hu: float = BIN_HU) -> dict[str, float]:
    """
    The features of `CODES`; a node in which no two voxels touch is as flat as one of a single level.

    Args:
        hu: (slices, rows, columns).
        inside: Which voxels count, same shape; at least one, and all of them finite.
        bin_hu: Width of a grey level.
    """
    first, second = _pairs(levels(np.where(inside, hu, 0.0), bin_hu), inside)
    apart, mean = first - second, first.mean()
    variance = float(np.mean((first - mean) ** 2))
    # Numbers of their own for each pair of levels: cheaper to count than the pairs themselves.
    _, counts = np.unique(first * (np.ptp(first) + 1) + second, return_counts=True)
    return {
        "glcm_contrast": float(np.mean(apart**2)),
        "glcm_joint_entropy": entropy_bits(counts),
        "glcm_inverse_difference": float(np.mean(1 / (1 + np.abs(apart)))),
        "glcm_correlation": float(np.mean((first - mean) * (second - mean))) / variance if variance else 1.0,
        "glcm_cluster_shade": float(np.mean((first + second - 2 * mean) ** 3)),
    }


def _pairs(grey: NDArray[np.int64], inside: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Levels of each voxel and of its neighbour, both ways round, (pairs,) each: the matrix before it is counted."""
    near, far = [], []
    for step in DIRECTIONS:
        here = tuple(slice(max(0, -d), n - max(0, d)) for d, n in zip(step, grey.shape, strict=True))
        there = tuple(slice(max(0, d), n - max(0, -d)) for d, n in zip(step, grey.shape, strict=True))
        both = inside[here] & inside[there]
        near.append(grey[here][both])
        far.append(grey[there][both])
    first, second = np.concatenate(near + far), np.concatenate(far + near)
    return (first, second) if len(first) else (grey[inside][:1], grey[inside][:1])
