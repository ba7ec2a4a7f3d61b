"""From a mask to its lymph nodes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.geometry import Region
from imaging.mask import NodeMask, occupied_region
from imaging.node import Node


class NodeSeparation(StrEnum):
    """What counts as one node."""

    CONNECTED_COMPONENTS = "connected components"
    LABELS = "labels"


def find_nodes(mask: NodeMask, separation: NodeSeparation = NodeSeparation.CONNECTED_COMPONENTS) -> tuple[Node, ...]:
    """
    The nodes that a mask marks.

    Args:
        mask: The mask; an empty one has no nodes.
        separation: ``CONNECTED_COMPONENTS``: 26-connected components of mask > 0, numbered from 1 by descending
            volume (equal volumes from the feet up). ``LABELS``: each value above 0 is one node, whatever its
            components.
    """
    if separation is NodeSeparation.LABELS:
        return _nodes_by_label(mask)
    return _nodes_by_component(mask)


def _nodes_by_component(mask: NodeMask) -> tuple[Node, ...]:
    found = []
    for island in _islands(mask.labels):
        marked = (mask.labels[island] > 0).astype(np.uint8)
        components = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(marked), True))
        found += [_node(mask, island, components, value) for value in range(1, int(components.max()) + 1)]
    found.sort(key=lambda node: (-np.count_nonzero(node.voxels), np.round(node.centroid_mm[::-1], 3).tolist()))
    return tuple(Node(rank, node.voxels, node.geometry) for rank, node in enumerate(found, start=1))


def _nodes_by_label(mask: NodeMask) -> tuple[Node, ...]:
    regions: dict[int, list[Region]] = {}
    for island in _islands(mask.labels):
        for value in np.unique(mask.labels[island]).tolist():
            regions.setdefault(value, []).append(island)
    return tuple(
        _node(mask, _hull(islands), mask.labels[_hull(islands)], value)
        for value, islands in sorted(regions.items())
        if value
    )


def _node(mask: NodeMask, region: Region, labels: NDArray[Any], value: int) -> Node:
    """The node made of the voxels equal to ``value`` in ``labels``, which covers ``region`` of the mask."""
    marked = labels == value
    inner = occupied_region(marked)
    assert inner is not None
    return Node(value, marked[inner].copy(), mask.geometry.cropped(region).cropped(inner))


def _islands(labels: NDArray[Any]) -> Iterator[Region]:
    """
    Index regions that together hold every label, with an empty plane between any two of them.

    No component crosses an empty plane, so that the costly search runs on small arrays only.
    """
    whole = occupied_region(labels)
    pending = [whole] if whole else []
    while pending:
        region = pending.pop()
        parts = _split(labels, region)
        if parts == [region]:
            yield region
        else:
            pending += parts


def _split(labels: NDArray[Any], region: Region) -> list[Region]:
    """The region cut at the empty planes across the first axis that has some; each part shrunk to its labels."""
    for axis in range(3):
        filled = labels[region].any(axis=tuple(n for n in range(3) if n != axis))
        edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
        if len(edges) > 2:
            parts = [_replaced(region, axis, a, b) for a, b in edges.reshape(-1, 2).tolist()]
            return [_within(part, occupied_region(labels[part])) for part in parts]
    return [region]


def _replaced(region: Region, axis: int, start: int, stop: int) -> Region:
    slices = list(region)
    slices[axis] = slice(region[axis].start + start, region[axis].start + stop)
    k, j, i = slices
    return k, j, i


def _within(outer: Region, inner: Region | None) -> Region:
    assert inner is not None
    k, j, i = (slice(o.start + n.start, o.start + n.stop) for o, n in zip(outer, inner, strict=True))
    return k, j, i


def _hull(regions: list[Region]) -> Region:
    k, j, i = (slice(min(s.start for s in axis), max(s.stop for s in axis)) for axis in zip(*regions, strict=True))
    return k, j, i
