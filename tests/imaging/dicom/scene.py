"""A small CT with two nodes, for the tests of DICOM studies."""

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume

GRID = Geometry((9, 20, 21), (2.5, 0.8, 0.8), (10.0, -20.0, 30.0))
CT = Volume(np.random.default_rng(0).integers(-1024, 1500, GRID.shape).astype(np.int16), GRID)

LAYERS = np.zeros((2, *GRID.shape), dtype=bool)
"""Two nodes apart from each other: (nodes, slices, rows, columns)."""

LAYERS[0, 2:5, 3:9, 4:12] = True
LAYERS[1, 6:8, 12:15, 2:5] = True

SAGITTAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
"""Axes of a sagittal series: slices to the left, rows to the feet, columns to the back."""

FLIPPED = ((0.0, 0.0, -1.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
"""Axes of an axial series whose rows run to the front and whose slices run to the feet."""


def turned(direction: tuple[tuple[float, float, float], ...]) -> Volume:
    """The CT's voxels, stored along other axes."""
    return Volume(CT.hu, Geometry(GRID.shape, GRID.spacing_mm, GRID.origin_mm, direction))


def marked_points(mask: NodeMask, label: int) -> NDArray[np.float64]:
    """The LPS points, (n, 3) in mm, of all voxels with a label, in an order that the grid does not decide."""
    points = mask.geometry.points_at(np.argwhere(mask.labels == label)).round(3) + 0.0
    return points[np.lexsort(points.T)]


def layer_points(volume: Volume, layer: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Likewise of a layer on the grid of a CT."""
    return marked_points(NodeMask(layer.astype(np.uint8), volume.geometry), 1)
