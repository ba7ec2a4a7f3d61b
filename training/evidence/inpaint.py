"""Painting a region out."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import spsolve

STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def painted_out(plane: NDArray[np.float32], region: NDArray[np.bool_]) -> NDArray[np.float32]:
    """
    A plane whose region is as smooth as what surrounds it allows.

    Harmonic: each pixel of the region becomes the mean of its neighbours (Laplace's equation); the rim of the plane is
    no neighbour. What is painted has no noise, which a network may notice: compare with the same done elsewhere.

    Args:
        plane: (rows, columns).
        region: True where to paint, same shape; all of it, or nothing, leaves the plane as it is.
    """
    painted = plane.copy()
    if region.all() or not region.any():
        return painted
    count = int(region.sum())
    places = np.full(plane.shape, -1)
    places[region] = np.arange(count)
    own = np.argwhere(region)
    neighbour_counts, known = np.zeros(count), np.zeros(count)
    pairs = []
    for step in STEPS:
        neighbours = own + step
        within = ((neighbours >= 0) & (neighbours < plane.shape)).all(axis=1)
        rows, columns = neighbours[within].T
        pixels, values = np.flatnonzero(within), plane[rows, columns]
        unknown = places[rows, columns] >= 0
        neighbour_counts[pixels] += 1
        known[pixels[~unknown]] += values[~unknown]
        pairs.append((pixels[unknown], places[rows, columns][unknown]))
    first, second = (np.concatenate(part) for part in zip(*pairs, strict=True))
    entries = np.concatenate([neighbour_counts, -np.ones(len(first))])
    diagonal = np.arange(count)
    laplacian = csc_array((entries, (np.append(diagonal, first), np.append(diagonal, second))), shape=(count, count))
    painted[region] = spsolve(laplacian, known)
    return painted
