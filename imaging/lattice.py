"""A node on the grid of the spec, before anything is cut from it."""

from dataclasses import dataclass
from math import ceil, prod

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.errors import InvalidMask
from imaging.geometry import Geometry, Triple
from imaging.itk import resampled
from imaging.node import Node

MASK_PADDING = 8
"""
Empty voxels around a node's mask before the B-spline is fitted.

A cubic spline forgets its border by a factor of 0.27 a voxel, there and back: 0.27^16 is below 1e-9.
"""

MAX_SAMPLES = 2**24
"""Most samples of one node: 64 MiB, or 0.2 m in each direction at the paper's spacing."""

HALF = 0.5 - 1e-6
"""Threshold of the mask. Values that are one half but for rounding count as inside, in every axis order."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeLattice:
    """
    A node's mask, resampled to the spec's spacing on the LPS axes.

    The lattice is centred on the node's box and has an odd number of points along each axis, so that a crop and
    the node share their points.

    Attributes:
        occupancy: Cubic B-spline of the mask, (slices, rows, columns); inside is `HALF` and above.
        centre_mm: LPS point of the middle sample.
        spacing_mm: (slices, rows, columns).
    """

    occupancy: NDArray[np.float32]
    centre_mm: Triple
    spacing_mm: Triple

    @classmethod
    def of(cls, node: Node, spacing_mm: Triple) -> "NodeLattice":
        """
        Resample one node (its mask alone; beyond the mask's grid nothing is marked).

        Raises:
            InvalidMask: the node is so large that its samples are more than `MAX_SAMPLES`.
        """
        box = node.box
        reach = [ceil(size / 2 / step) + 1 for size, step in zip(box.size_mm[::-1], spacing_mm, strict=True)]
        slices, rows, columns = (2 * n + 1 for n in reach)
        if max(prod((slices, rows, columns)), prod(n + 2 * MASK_PADDING for n in node.voxels.shape)) > MAX_SAMPLES:
            size = " x ".join(f"{length:.4g}" for length in box.size_mm)
            raise InvalidMask(
                f"node {node.label} is {size} mm large, which is no lymph node; check the mask's grid and its labels"
            )
        target = centred_grid((slices, rows, columns), spacing_mm, box.centre_mm)
        padded = np.pad(node.voxels, MASK_PADDING).astype(np.float32)
        start = [[-MASK_PADDING] * 3]
        [(x, y, z)] = node.geometry.points_at(start).tolist()
        k, j, i = padded.shape
        place = Geometry((k, j, i), node.geometry.spacing_mm, (x, y, z), node.geometry.direction)
        return cls(resampled(padded, place, target, sitk.sitkBSpline, outside=0.0), box.centre_mm, spacing_mm)

    @property
    def empty(self) -> bool:
        """Whether the node is so thin that no point of the lattice falls into it."""
        return not (self.occupancy >= HALF).any()

    @property
    def largest_slice(self) -> int:
        """
        Slice of the largest cross-section, counted from the middle towards the head.

        Of equal ones the nearest to the middle is taken, and of two such the one towards the head.
        """
        area = np.count_nonzero(self.occupancy >= HALF, axis=(1, 2))
        places = np.arange(len(area)) - len(area) // 2
        candidates = places[area == area.max()]
        return int(min(candidates.tolist(), key=lambda place: (abs(place), -place)))

    def largest_plane(self) -> NDArray[np.float32]:
        """Occupancy in the slice of the largest cross-section, (rows, columns)."""
        plane: NDArray[np.float32] = self.occupancy[self.largest_slice + len(self.occupancy) // 2]
        return plane

    def plane_in(self, place: int, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Occupancy of the slice at ``place`` in a centred frame of odd (rows, columns); 0 where the lattice ends."""
        frame = np.zeros(shape, dtype=np.float32)
        index = place + len(self.occupancy) // 2
        if 0 <= index < len(self.occupancy):
            plane = self.occupancy[index]
            reach = [min(a, b) // 2 for a, b in zip(shape, plane.shape, strict=True)]
            frame[_middle(shape, reach)] = plane[_middle(plane.shape, reach)]
        return frame


def centred_grid(shape: tuple[int, int, int], spacing_mm: Triple, centre_mm: Triple) -> Geometry:
    """The grid on the LPS axes whose middle is ``centre_mm``."""
    x, y, z = (
        centre - (count - 1) / 2 * step
        for centre, count, step in zip(centre_mm, shape[::-1], spacing_mm[::-1], strict=True)
    )
    return Geometry(shape, spacing_mm, (x, y, z))


def _middle(shape: tuple[int, ...], reach: list[int]) -> tuple[slice, ...]:
    return tuple(slice(n // 2 - r, n // 2 + r + 1) for n, r in zip(shape, reach, strict=True))
