"""Linear interpolation along the axes of an array, held constant beyond the first and last sample."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def linear_weights(sample_count: int, positions: ArrayLike) -> NDArray[np.float64]:
    """
    The matrix that reads ``sample_count`` samples at fractional positions, (positions, samples).

    >>> linear_weights(3, [0.25, 2.0, 7.0]).tolist()
    [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    """
    clamped = np.clip(np.asarray(positions, dtype=np.float64), 0.0, sample_count - 1.0)
    # A hat of width one around each sample is what linear interpolation weighs it with.
    distance = np.abs(clamped[:, None] - np.arange(sample_count))
    return np.asarray(np.clip(1.0 - distance, 0.0, None), dtype=np.float64)


def read_rows_and_columns(values: NDArray[Any], rows: ArrayLike, columns: ArrayLike) -> NDArray[np.float32]:
    """
    Planes (..., rows, columns) read at every pair of fractional row and column positions; float32.

    By indices and not by `linear_weights`: two samples are read for each, and no threads of a linear algebra library
    wake up for it, that would take the cores from a network beside.
    """
    along_rows = _read_along(values, np.asarray(rows, dtype=np.float64)[:, None], axis=-2)
    return _read_along(along_rows, np.asarray(columns, dtype=np.float64), axis=-1).astype(np.float32)


def _read_along(values: NDArray[Any], positions: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    last = values.shape[axis] - 1
    clamped = np.clip(positions, 0.0, last)
    base = np.floor(clamped).astype(int)
    below, above = (values.take(n.ravel(), axis) for n in (base, np.minimum(base + 1, last)))
    read: NDArray[np.float64] = below * (1.0 - (clamped - base)) + above * (clamped - base)
    return read


def read_at(values: NDArray[Any], indices: NDArray[np.float64]) -> NDArray[np.float32]:
    """A 3-D array read at fractional indices (n, 3) by trilinear interpolation; float32 (n,)."""
    last = np.asarray(values.shape) - 1
    clamped = np.clip(indices, 0, last)
    base = np.minimum(np.floor(clamped).astype(int), np.maximum(last - 1, 0))
    rest = clamped - base
    total = np.zeros(len(indices))
    for corner in np.ndindex(2, 2, 2):
        k, j, i = np.minimum(base + corner, last).T
        total += np.prod(np.where(np.asarray(corner) == 1, rest, 1 - rest), axis=1) * values[k, j, i]
    return total.astype(np.float32)


def centred_positions(source_count: int, target_count: int) -> NDArray[np.float64]:
    """Positions, in source pixels, of target pixels that tile the same extent (pixel centres, not corners)."""
    return (np.arange(target_count, dtype=np.float64) + 0.5) * (source_count / target_count) - 0.5
