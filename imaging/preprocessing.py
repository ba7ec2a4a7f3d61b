"""
From a CT and its nodes to crops: preprocessing, version 1.

Nodes are resampled crop-first: only the samples that a crop needs are read, from the part of the CT around them.
The result equals resampling the whole volume and cropping afterwards.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.box import Box
from imaging.crop import Crop, EdgePolicy, NodeStatus, PreparedNode
from imaging.errors import MaskOutsideVolume
from imaging.geometry import Geometry, Region
from imaging.interpolation import centred_positions, read_rows_and_columns
from imaging.itk import resampled
from imaging.lattice import HALF, NodeLattice, centred_grid
from imaging.measurements import measure
from imaging.node import Node
from imaging.spec import PreprocessingSpec
from imaging.volume import AIR_HU, Volume

FACE_TOLERANCE = 1e-6
"""How far inside the CT's outer faces, in voxels, a sample must lie: rounding must not decide on the edge."""

REGION_MARGIN = 2
"""Voxels around what is read. Linear interpolation needs one; the other covers rounding."""


def prepare(
    volume: Volume, nodes: Sequence[Node], spec: PreprocessingSpec, edge_policy: EdgePolicy = EdgePolicy.REPORT
) -> tuple[PreparedNode, ...]:
    """
    Cut one crop per node.

    Args:
        volume: The CT; a part of it with enough margin (see `region_needed`) gives the same crops.
        nodes: What to cut out; their masks may be on any grid.
        spec: How to cut.
        edge_policy: Whether a crop that reaches beyond the CT is padded with air or not made.

    Raises:
        MaskOutsideVolume: there are nodes, and none of them touches the CT.
    """
    return tuple(prepared_nodes(volume, nodes, spec, edge_policy))


def prepared_nodes(
    volume: Volume, nodes: Sequence[Node], spec: PreprocessingSpec, edge_policy: EdgePolicy = EdgePolicy.REPORT
) -> Iterator[PreparedNode]:
    """
    Cut one crop per node, each when it is asked for; see `prepare`.

    Raises:
        MaskOutsideVolume: at once, where there are nodes, and none of them touches the CT.
    """
    require_overlap(volume.geometry, nodes)
    return (_prepared(volume, node, spec, edge_policy) for node in nodes)


def require_overlap(geometry: Geometry, nodes: Sequence[Node]) -> None:
    """
    Refuse nodes that belong to another CT.

    Raises:
        MaskOutsideVolume: there are nodes, and none of them touches the grid.
    """
    if nodes and all(geometry.region_of(node.box, margin=0) is None for node in nodes):
        raise MaskOutsideVolume(
            "nothing that the mask marks lies inside the CT; check that both belong to one series "
            f"(CT from {_written(geometry.box.lower_mm)} to {_written(geometry.box.upper_mm)}, "
            f"marked from {_written(Box.union(n.box for n in nodes).lower_mm)} "
            f"to {_written(Box.union(n.box for n in nodes).upper_mm)}, LPS mm)"
        )


def region_needed(geometry: Geometry, nodes: Sequence[Node], spec: PreprocessingSpec) -> Region:
    """
    The part of a CT that suffices to prepare these nodes: the sub-box a client sends.

    Raises:
        MaskOutsideVolume: none of the nodes touches the CT; also when there are no nodes.
    """
    region = geometry.region_of(Box.union(_reach(node, spec) for node in nodes), REGION_MARGIN) if nodes else None
    if region is None:
        raise MaskOutsideVolume("no node lies inside the CT")
    return region


def hu_on(volume: Volume, grid: Geometry, outside: float = AIR_HU) -> NDArray[np.float32]:
    """HU at the samples of ``grid``, by linear interpolation; ``outside`` (air, or NaN) beyond the CT."""
    region = volume.geometry.region_of(grid.box, REGION_MARGIN)
    if region is None:
        return np.full(grid.shape, outside, dtype=np.float32)
    part = volume.cropped(region)
    hu = resampled(part.hu, part.geometry, grid, sitk.sitkLinear, outside=outside)
    if not _inside(volume.geometry, grid):
        # ITK lets rounding decide on a sample that lies on a face of the CT.
        samples = grid.points_at(np.indices(grid.shape).reshape(3, -1).T)
        hu[~_within_faces(volume.geometry, samples).reshape(grid.shape)] = outside
    return hu


def status_of(
    geometry: Geometry, node: Node, spec: PreprocessingSpec, edge_policy: EdgePolicy = EdgePolicy.REPORT
) -> NodeStatus:
    """Whether a node of a CT on this grid can be scored; no voxel of the CT is needed to tell."""
    lattice = NodeLattice.of(node, spec.spacing_mm)
    return _status(geometry, node, lattice, _crop_grid(lattice, spec), spec, edge_policy)


def _reach(node: Node, spec: PreprocessingSpec) -> Box:
    """A box around all that preparing one node reads: its own voxels, and its crop wherever the largest slice is."""
    step_z, step_y, step_x = spec.spacing_mm
    rows, columns = spec.box_shape_px
    centre = Box(node.box.centre_mm, node.box.centre_mm)
    slices = max(map(abs, spec.slice_offsets)) * step_z + node.box.size_mm[2] / 2 + 2 * step_z
    return Box.union([node.box, centre.grown((columns * step_x / 2, rows * step_y / 2, slices))])


def _prepared(volume: Volume, node: Node, spec: PreprocessingSpec, edge_policy: EdgePolicy) -> PreparedNode:
    lattice = NodeLattice.of(node, spec.spacing_mm)
    grid = _crop_grid(lattice, spec)
    status = _status(volume.geometry, node, lattice, grid, spec, edge_policy)
    rows, columns = spec.box_shape_px
    width, height, _ = node.box.size_mm
    return PreparedNode(
        node=node,
        status=status,
        crop=_crop(volume, lattice, grid, spec) if status is NodeStatus.SCORED else None,
        measurements=measure(node, lattice, volume),
        larger_than_crop=height > rows * spec.spacing_mm[1] or width > columns * spec.spacing_mm[2],
    )


def _crop_grid(lattice: NodeLattice, spec: PreprocessingSpec) -> Geometry:
    """The grid of a crop at the spec's spacing: the axial box around the node, on the slices the spec names."""
    step_z, step_y, step_x = spec.spacing_mm
    first, last = (lattice.largest_slice + spec.slice_offsets[n] for n in (0, -1))
    x, y, z = lattice.centre_mm
    middle = (x, y, z + (first + last) / 2 * step_z)
    shape = (len(spec.slice_offsets), *spec.box_shape_px)
    return centred_grid(shape, (step_z * spec.slice_step, step_y, step_x), middle)


def _status(
    geometry: Geometry,
    node: Node,
    lattice: NodeLattice,
    grid: Geometry,
    spec: PreprocessingSpec,
    edge_policy: EdgePolicy,
) -> NodeStatus:
    if node.volume_mm3 < spec.min_node_volume_mm3 or lattice.empty:
        return NodeStatus.TOO_SMALL
    if geometry.region_of(node.box, margin=0) is None:
        return NodeStatus.AT_EDGE
    if edge_policy is EdgePolicy.REPORT and not _inside(geometry, grid):
        return NodeStatus.AT_EDGE
    return NodeStatus.SCORED


def _inside(geometry: Geometry, grid: Geometry) -> bool:
    """Whether every sample of ``grid`` lies within the outer faces of ``geometry``."""
    corners = np.indices((2, 2, 2)).reshape(3, 8).T * (np.asarray(grid.shape) - 1)
    return bool(_within_faces(geometry, grid.points_at(corners)).all())


def _within_faces(geometry: Geometry, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of (n, 3) LPS points lie inside the outer faces of a grid, and not on them."""
    indices = geometry.indices_at(points_mm)
    beyond = np.maximum(-0.5 - indices, indices - (np.asarray(geometry.shape) - 0.5))
    within: NDArray[np.bool_] = np.all(beyond <= -FACE_TOLERANCE, axis=1)
    return within


def _crop(volume: Volume, lattice: NodeLattice, grid: Geometry, spec: PreprocessingSpec) -> Crop:
    box_shape, input_shape = spec.box_shape_px, spec.input_shape_px
    pixels = spec.window.applied_to(hu_on(volume, grid))
    planes = [lattice.plane_in(lattice.largest_slice + offset, box_shape) for offset in spec.slice_offsets]
    rows, columns = (centred_positions(a, b) for a, b in zip(box_shape, input_shape, strict=True))
    return Crop(
        pixels=read_rows_and_columns(pixels, rows, columns),
        node_mask=read_rows_and_columns(np.stack(planes), rows, columns) >= HALF,
        geometry=_resized(grid, input_shape),
    )


def _resized(grid: Geometry, input_shape_px: tuple[int, int]) -> Geometry:
    """The grid of the network's input: other pixels over the same extent."""
    step_z, *steps = grid.spacing_mm
    step_y, step_x = (step * a / b for step, a, b in zip(steps, grid.shape[1:], input_shape_px, strict=True))
    return centred_grid((grid.shape[0], *input_shape_px), (step_z, step_y, step_x), grid.box.centre_mm)


def _written(point_mm: tuple[float, float, float]) -> str:
    return "(" + ", ".join(f"{value:.1f}" for value in point_mm) + ")"
