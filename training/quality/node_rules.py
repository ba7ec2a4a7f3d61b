"""What can be wrong with a marked node in its CT."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes, label

from imaging.measurements import hu_inside
from imaging.node import Node
from imaging.volume import Volume
from training.quality.ct_rules import axial_axis

OUTSIDE_SHARE = 0.1
"""Of a node's voxels, that may lie outside the CT."""

AIR_HU = -400
"""Lower is air; lung and bowel gas too, but they lie inside the body."""

AIR_SHARE = 0.5

NODE_HU = (0.0, 180.0)
"""Medians of lymph nodes, without contrast and with it, in any phase."""

TISSUE_HU = (-50.0, 250.0)
"""No median beyond is that of a node: fat and lung are lower; bone, calcification and metal are higher."""


def mask_outside_ct(node: Node, volume: Volume) -> str | None:
    """A part of the marked voxels has no CT."""
    share = 1 - float(_indices(node, volume)[1].mean())
    return f"{share:.0%} of the node" if share > OUTSIDE_SHARE else None


def off_body(node: Node, volume: Volume) -> str | None:
    """
    Most of the marked voxels are air that is joined to the border of the CT in the axial slice.

    In a CT that was cut so that its border crosses the lung, that lung counts as outside.
    """
    indices, inside = _indices(node, volume)
    if not inside.any():
        return None
    axis = axial_axis(volume.geometry)
    places = indices[inside]
    first, last = int(places[:, axis].min()), int(places[:, axis].max()) + 1
    slab = np.moveaxis(volume.hu, axis, 0)[first:last]
    body = np.stack([binary_fill_holes(plane > AIR_HU) for plane in slab])
    k, j, i = np.moveaxis(places, 1, 0)[[axis, *(n for n in range(3) if n != axis)]]
    share = 1 - float(body[k - first, j, i].mean())
    return f"{share:.0%} of the node lies in the air" if share > AIR_SHARE else None


def implausible_hu(node: Node, volume: Volume) -> str | None:
    """The median is that of fat, air, bone or metal."""
    median = median_hu(node, volume)
    return f"median {median:.0f} HU" if median < TISSUE_HU[0] or median > TISSUE_HU[1] else None


def unusual_hu(node: Node, volume: Volume) -> str | None:
    """The median is that of soft tissue, but hardly of a node."""
    median = median_hu(node, volume)
    low, high = TISSUE_HU[0] <= median < NODE_HU[0], NODE_HU[1] < median <= TISSUE_HU[1]
    return f"median {median:.0f} HU" if low or high else None


def several_parts(node: Node, volume: Volume) -> str | None:
    """More than one component, corners touching included."""
    parts, count = label(node.voxels, np.ones((3, 3, 3)))
    if count == 1:
        return None
    largest = np.bincount(parts.ravel())[1:].max() / np.count_nonzero(node.voxels)
    return f"{count} parts, the largest holds {largest:.0%}"


def median_hu(node: Node, volume: Volume) -> float:
    """Median over the marked voxels that lie in the CT; NaN where none does."""
    hu = hu_inside(node, volume)
    return float(np.median(hu)) if hu.size else float("nan")


def _indices(node: Node, volume: Volume) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The CT's voxel nearest to each marked one, (n, 3), and which of them exist, (n,)."""
    indices = np.round(volume.geometry.indices_at(node.points_mm())).astype(np.int64)
    inside: NDArray[np.bool_] = np.all((indices >= 0) & (indices < volume.geometry.shape), axis=1)
    return indices, inside


NODE_RULES: dict[str, Callable[[Node, Volume], str | None]] = {
    "mask-outside-ct": mask_outside_ct,
    "off-body": off_body,
    "implausible-hu": implausible_hu,
    "unusual-hu": unusual_hu,
    "several-parts": several_parts,
}
"""By name; each tells what it found, or None."""
