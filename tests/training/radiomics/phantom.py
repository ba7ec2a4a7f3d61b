"""The digital phantom of the Image Biomarker Standardisation Initiative, and solids with known measures."""

import numpy as np

SPACING_MM = (2.0, 2.0, 2.0)

GREY = np.array(
    [
        [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
        [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [0, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
        [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 6, 1, 1]],
        [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
    ],
    dtype=np.float64,
)
"""Slices, rows, columns; 0 outside the region (IBSI reference manual, arXiv:1612.07003, chapter 5)."""

INSIDE = GREY > 0


def ball(radius, margin=2):
    """Voxels whose centres lie within a radius, in voxels, of the middle one."""
    reach = radius + margin
    return ((np.indices([2 * reach + 1] * 3) - reach) ** 2).sum(axis=0) <= radius**2


def noisy(shape=(6, 7, 8), seed=0):
    """HU and a region of random voxels."""
    rng = np.random.default_rng(seed)
    return rng.normal(40, 60, shape), rng.random(shape) < 0.7
