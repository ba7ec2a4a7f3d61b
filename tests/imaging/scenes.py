"""Small scenes with known answers, and other ways to store the same scene."""

from collections.abc import Iterator
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry, Triple
from imaging.mask import NodeMask
from imaging.volume import Volume

Order = tuple[tuple[int, int, int], tuple[bool, bool, bool]]

OBLIQUE = ((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0))
"""Axes of a series that is tilted about the left-right axis (a rotation, not a sheared gantry tilt)."""


def soft_tissue(geometry: Geometry, seed: int = 0) -> Volume:
    """A CT of smooth structures and noise, float32, within about [-250, 300] HU."""
    rng = np.random.default_rng(seed)
    points = geometry.points_at(np.indices(geometry.shape).reshape(3, -1).T)
    waves = sum(60.0 * np.sin(points @ rng.normal(size=3) / 6.0 + rng.uniform(0, 6)) for _ in range(3))
    hu = waves + rng.normal(20.0, 15.0, len(points))
    return Volume(hu.reshape(geometry.shape).astype(np.float32), geometry)


def ellipsoids(geometry: Geometry, *nodes: tuple[Triple, Triple]) -> NodeMask:
    """A mask with one ellipsoid for each (LPS centre in mm, half axes along x, y, z in mm); labels from 1."""
    points = geometry.points_at(np.indices(geometry.shape).reshape(3, -1).T)
    labels = np.zeros(len(points), dtype=np.uint8)
    for label, (centre_mm, half_axes_mm) in enumerate(nodes, start=1):
        labels[(((points - centre_mm) / half_axes_mm) ** 2).sum(axis=1) <= 1] = label
    return NodeMask(labels.reshape(geometry.shape), geometry)


def axis_orders() -> Iterator[Order]:
    """The 48 ways to order and flip three axes."""
    return product(permutations((0, 1, 2)), product((False, True), repeat=3))  # type: ignore[return-value]


def reordered(voxels: NDArray[Any], geometry: Geometry, order: Order) -> tuple[NDArray[Any], Geometry]:
    """The same voxels at the same places, stored with other axes."""
    axes, flips = order
    first = [geometry.shape[axis] - 1 if flip else 0 for axis, flip in zip(axes, flips, strict=True)]
    start = [0, 0, 0]
    for axis, index in zip(axes, first, strict=True):
        start[axis] = index
    [origin] = geometry.points_at([start]).tolist()
    signs = [-1 if flip else 1 for flip in flips]
    direction = tuple(
        tuple(sign * np.asarray(geometry.direction[axis])) for axis, sign in zip(axes, signs, strict=True)
    )
    stored = np.flip(voxels.transpose(axes), [n for n, flip in enumerate(flips) if flip])
    spacing = tuple(geometry.spacing_mm[axis] for axis in axes)
    return np.ascontiguousarray(stored), Geometry(stored.shape, spacing, tuple(origin), direction)


def volume_in_order(volume: Volume, order: Order) -> Volume:
    """The same CT, stored with other axes."""
    return Volume(*reordered(volume.hu, volume.geometry, order))


def mask_in_order(mask: NodeMask, order: Order) -> NodeMask:
    """The same mask, stored with other axes."""
    return NodeMask(*reordered(mask.labels, mask.geometry, order))
