"""
Where a voxel grid sits in the patient.

Two kinds of triple exist, and they are never mixed:

* an index ``(k, j, i)`` counts slices, rows and columns, like the array's axes;
* a point ``(x, y, z)`` is in mm in the DICOM patient system, LPS: x grows towards the patient's left,
  y towards the back, z towards the head.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.box import Box
from imaging.errors import InvalidGeometry

Triple = tuple[float, float, float]
Shape = tuple[int, int, int]
Region = tuple[slice, slice, slice]

AXIAL: tuple[Triple, Triple, Triple] = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
"""Axes of a supine axial series: slices to the head, rows to the back, columns to the left."""

ORTHOGONAL_TOLERANCE = 1e-4
"""Largest deviation of the axes' dot products from 0 and 1; NIfTI headers hold float32."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """
    Placement of a regular voxel grid in patient space.

    Attributes:
        shape: Voxels along each axis: (slices, rows, columns).
        spacing_mm: Distance between voxel centres along each axis, same order.
        origin_mm: LPS point at the centre of voxel (0, 0, 0).
        direction: LPS unit vector of each axis, same order.

    Raises:
        InvalidGeometry: an axis is empty, a spacing is not above 0, or the axes are not orthogonal.

    >>> grid = Geometry(shape=(40, 512, 512), spacing_mm=(5.0, 0.7, 0.7))
    >>> grid.points_at([(2, 0, 10)]).tolist()
    [[7.0, 0.0, 10.0]]
    """

    shape: Shape
    spacing_mm: Triple
    origin_mm: Triple = (0.0, 0.0, 0.0)
    direction: tuple[Triple, Triple, Triple] = AXIAL

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise InvalidGeometry(f"every axis needs at least one voxel, got shape {self.shape}")
        if not all(np.isfinite(s) and s > 0 for s in self.spacing_mm):
            raise InvalidGeometry(f"spacing must be above 0 mm on every axis, got {self.spacing_mm}")
        if not np.isfinite(self.origin_mm).all():
            raise InvalidGeometry(f"origin must be finite, got {self.origin_mm}")
        axes = np.asarray(self.direction, dtype=np.float64)
        # The comparison is False for NaN too, so that no separate test is needed.
        if not (np.abs(axes @ axes.T - np.eye(3)) <= ORTHOGONAL_TOLERANCE).all():
            raise InvalidGeometry("direction must be three orthogonal unit vectors (no gantry tilt, no shear)")

    @property
    def axes_mm(self) -> NDArray[np.float64]:
        """Steps in mm from voxel to voxel, (3, 3): row n is the LPS step along index axis n."""
        axes: NDArray[np.float64] = np.asarray(self.direction) * np.asarray(self.spacing_mm)[:, None]
        return axes

    @property
    def upright_spacing_mm(self) -> Triple:
        """Spacing along z, y and x of LPS, whatever the storage order: of the axes that run most along them."""
        closest = np.abs(np.asarray(self.direction)).argmax(axis=0)
        x, y, z = (self.spacing_mm[axis] for axis in closest)
        return z, y, x

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel in mm³."""
        return float(np.prod(self.spacing_mm))

    def points_at(self, indices: ArrayLike) -> NDArray[np.float64]:
        """LPS points, (n, 3) in mm, at the given (n, 3) indices (whole or fractional)."""
        points: NDArray[np.float64] = np.asarray(indices, dtype=np.float64) @ self.axes_mm + np.asarray(self.origin_mm)
        return points

    def indices_at(self, points_mm: ArrayLike) -> NDArray[np.float64]:
        """Fractional (k, j, i) indices, (n, 3), of the given (n, 3) LPS points in mm."""
        offsets = np.asarray(points_mm, dtype=np.float64) - np.asarray(self.origin_mm)
        indices: NDArray[np.float64] = offsets @ np.linalg.inv(self.axes_mm)
        return indices

    def cropped(self, region: Region) -> "Geometry":
        """The grid of ``array[region]``; start and stop of the three slices must lie within the shape."""
        start = [s.start for s in region]
        k, j, i = (s.stop - s.start for s in region)
        [(x, y, z)] = self.points_at([start]).tolist()
        return Geometry((k, j, i), self.spacing_mm, (x, y, z), self.direction)

    @property
    def box(self) -> Box:
        """The smallest LPS box that encloses all voxels, outer faces included."""
        return self.box_of(np.zeros(3), np.asarray(self.shape) - 1)

    def box_of(self, first: ArrayLike, last: ArrayLike) -> Box:
        """The smallest LPS box that encloses the voxels from index ``first`` to ``last`` with their faces."""
        lower, upper = np.asarray(first, dtype=np.float64) - 0.5, np.asarray(last, dtype=np.float64) + 0.5
        return Box.around(self.points_at(_corners(lower, upper)))

    def region_of(self, box: Box, margin: int) -> Region | None:
        """
        The index region that covers an LPS box.

        Args:
            box: What must be covered.
            margin: Voxels to add on each side, before the region is cut at the grid's ends.

        Returns:
            Three slices with explicit start and stop, or None where the box misses the grid.
        """
        corners = self.indices_at(_corners(np.asarray(box.lower_mm), np.asarray(box.upper_mm)))
        shape = np.asarray(self.shape)
        lowest, highest = corners.min(axis=0), corners.max(axis=0)
        if (highest < -0.5).any() or (lowest > shape - 0.5).any():
            return None
        start = np.clip(np.floor(lowest).astype(int) - margin, 0, shape - 1)
        stop = np.clip(np.ceil(highest).astype(int) + margin + 1, 1, shape)
        k, j, i = (slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))
        return k, j, i


def _corners(lower: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.float64]:
    """The eight corners, (8, 3), of the box between two triples."""
    picks = np.indices((2, 2, 2)).reshape(3, 8).T
    return np.where(picks == 0, lower, upper)
