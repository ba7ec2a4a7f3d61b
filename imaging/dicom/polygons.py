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
    crossings = np.zeros((rows, columns + 1), dtype=np.int64)
    for vertices in polygons:
        row, column = _crossings(vertices, rows)
        np.add.at(crossings, (row, np.clip(np.ceil(column), 0, columns).astype(int)), 1)
    inside: NDArray[np.bool_] = np.cumsum(crossings, axis=1)[:, :columns] % 2 == 1
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
