"""One lymph node, as a mask marks it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.box import Box
from imaging.errors import InvalidMask
from imaging.geometry import Geometry, Triple


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """
    One lymph node.

    Attributes:
        label: Its number: the rank by volume, or the value in the mask.
        voxels: True inside the node, (slices, rows, columns), on a grid that just encloses it.
        geometry: Where these voxels are.

    Raises:
        InvalidMask: no voxel is marked.
    """

    label: int
    voxels: NDArray[np.bool_]
    geometry: Geometry

    def __post_init__(self) -> None:
        if self.voxels.shape != self.geometry.shape or not self.voxels.any():
            raise InvalidMask(f"node {self.label} has no voxel")

    @property
    def volume_mm3(self) -> float:
        """Volume of the marked voxels in mm³."""
        return float(np.count_nonzero(self.voxels)) * self.geometry.voxel_volume_mm3

    @property
    def centroid_mm(self) -> Triple:
        """LPS centre of mass of the marked voxels."""
        centre = [np.average(np.arange(n), weights=w) for n, w in zip(self.voxels.shape, self._profiles(), strict=True)]
        [(x, y, z)] = self.geometry.points_at([centre]).tolist()
        return x, y, z

    @property
    def box(self) -> Box:
        """The smallest LPS box around the marked voxels, their outer faces included."""
        half_mm = np.abs(self.geometry.axes_mm).sum(axis=0) / 2
        return Box.around(self.points_mm()).grown(half_mm)

    def points_mm(self) -> NDArray[np.float64]:
        """LPS centres of the marked voxels, (n, 3) in mm."""
        return self.geometry.points_at(np.argwhere(self.voxels))

    def _profiles(self) -> list[NDArray[np.int64]]:
        return [self.voxels.sum(axis=tuple(n for n in range(3) if n != axis)) for axis in range(3)]
