"""Which pixel centres polygons enclose."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def filled(polygons: Iterable[NDArray[np.float64]], rows: int, columns: int) -> NDArray[np.bool_]:
    """
    The pixels, (rows, columns), whose centres polygons enclose by the even-odd rule.

    A pixel is in when a ray from its centre to lower columns crosses the outlines an odd number of times, so that holes
    need no order: an inner polygon and a keyhole both cut out. A centre exactly on an edge counts to one side only:
    polygons that share an edge neither overlap nor leave a gap.

    Args:
        polygons: Of each, the vertices (n, 2) as fractional (row, column); the last joins the first.
        rows: Of the image.
        columns: Of the image.

    >>> square = np.asarray([(0.5, 0.5), (0.5, 2.5), (2.5, 2.5), (2.5, 0.5)])
    >>> filled([square], 3, 4).astype(int).tolist()
    [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0]]
    """
    inside = np.zeros((rows, columns), dtype=np.bool_)
    found = [_crossings(vertices, rows) for vertices in polygons]
    row = np.concatenate([np.empty(0, dtype=int), *(r for r, _ in found)])
    if not row.size:
        return inside
    column = np.clip(np.ceil(np.concatenate([c for _, c in found])), 0, columns).astype(int)
    top, left = row.min(), column.min()
    height, width = row.max() - top + 1, column.max() - left + 1
    counts = np.bincount((row - top) * width + column - left, minlength=height * width).reshape(height, width)
    # Beyond the last crossing each row is outside again, so that its column holds no pixel that is in.
    inside[top : top + height, left : left + width - 1] = np.cumsum(counts, axis=1)[:, :-1] % 2 == 1
    return inside


def _crossings(vertices: NDArray[np.float64], rows: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the edges of a polygon cross the lines of pixel centres: the row of each crossing, and its column."""
    ends = np.roll(vertices, -1, axis=0)
    upward = (ends[:, 0] < vertices[:, 0])[:, None]
    upper, lower = np.where(upward, ends, vertices), np.where(upward, vertices, ends)
    first = np.clip(np.ceil(upper[:, 0]), 0, rows).astype(int)
    counts = np.clip(np.ceil(lower[:, 0]), 0, rows).astype(int) - first
    edge = np.repeat(np.arange(len(vertices)), counts)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (row - upper[edge, 0]) / (lower[edge, 0] - upper[edge, 0])
    return row, upper[edge, 1] + share * (lower[edge, 1] - upper[edge, 1])
