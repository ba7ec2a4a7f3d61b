"""How large and how dense a node is."""

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.itk import resampled
from imaging.lattice import NodeLattice
from imaging.node import Node
from imaging.volume import Volume

DIRECTION_COUNT = 360
"""Directions, over half a turn, in which a diameter is sought; the error is below 0.001 %."""


@dataclass(frozen=True, slots=True)
class NodeMeasurements:
    """
    Size and density of one node.

    Attributes:
        volume_mm3: Volume of the voxels that the mask marks.
        long_axis_mm: Longest diameter in the axial slice of the largest cross-section.
        short_axis_mm: Longest diameter at right angles to it, in the same slice (RECIST 1.1 measures nodes by it).
        mean_hu: Mean over the marked voxels that lie in the CT; NaN where none does.
        sd_hu: Standard deviation over the same voxels.
    """

    volume_mm3: float
    long_axis_mm: float
    short_axis_mm: float
    mean_hu: float
    sd_hu: float


def measure(node: Node, lattice: NodeLattice, volume: Volume) -> NodeMeasurements:
    """Measure one node; its axes on the lattice, its density at the voxels of its own mask."""
    long_axis_mm, short_axis_mm = _axes_mm(lattice)
    hu = hu_inside(node, volume)
    mean, sd = (float(hu.mean()), float(hu.std())) if hu.size else (float("nan"), float("nan"))
    return NodeMeasurements(node.volume_mm3, long_axis_mm, short_axis_mm, mean, sd)


def hu_inside(node: Node, volume: Volume) -> NDArray[np.float32]:
    """HU at the marked voxels that lie in the CT, (n,)."""
    region = volume.geometry.region_of(node.geometry.box, margin=1)
    if region is None:
        return np.empty(0, dtype=np.float32)
    part = volume.cropped(region)
    hu = resampled(part.hu, part.geometry, node.geometry, sitk.sitkLinear, outside=float("nan"))[node.voxels]
    return hu[np.isfinite(hu)]


def _axes_mm(lattice: NodeLattice) -> tuple[float, float]:
    """Long and short axis of the largest cross-section; 0 where the lattice catches nothing."""
    outline = _outline_mm(lattice.largest_plane(), lattice.spacing_mm[1:])
    if not len(outline):
        return 0.0, 0.0
    angles = np.arange(DIRECTION_COUNT) * np.pi / DIRECTION_COUNT
    directions = np.stack([np.cos(angles), np.sin(angles)])
    widths = np.ptp(outline @ directions, axis=0)
    longest = int(np.argmax(widths))
    along, across = directions[:, longest], directions[:, (longest + DIRECTION_COUNT // 2) % DIRECTION_COUNT]
    return float(widths[longest]), _longest_chord_mm(outline @ along, outline @ across, min(lattice.spacing_mm[1:]))


def _longest_chord_mm(along: NDArray[np.float64], across: NDArray[np.float64], step_mm: float) -> float:
    """Longest extent ``across`` among the points that share a strip of ``step_mm`` of ``along``."""
    strips = ((along - along.min()) / step_mm).astype(int)
    lowest, highest = np.full(strips.max() + 1, np.inf), np.full(strips.max() + 1, -np.inf)
    np.minimum.at(lowest, strips, across)
    np.maximum.at(highest, strips, across)
    return float((highest - lowest).max())


def _outline_mm(plane: NDArray[np.float32], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """
    Points, (n, 2) in mm, where the mask's value crosses one half between neighbouring pixels.

    The same crossings as in marching squares, so that a disc is measured without the staircase of its pixels.
    """
    points = []
    for axis in (0, 1):
        near, far = (np.moveaxis(plane, axis, 0)[part] for part in (slice(None, -1), slice(1, None)))
        crossing = np.argwhere((near >= 0.5) != (far >= 0.5))
        a, b = near[tuple(crossing.T)], far[tuple(crossing.T)]
        found = crossing.astype(np.float64)
        found[:, 0] += (a - 0.5) / (a - b)
        points.append(found[:, ::-1] if axis else found)
    return np.concatenate(points) * spacing_mm
