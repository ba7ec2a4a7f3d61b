"""From a mask to its lymph nodes."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.errors import TooManyNodes
from imaging.geometry import Region
from imaging.mask import NodeMask, occupied_region
from imaging.node import Node

BLOCK = 8
"""Side, in voxels, of the blocks among which contact is sought first."""


class NodeSeparation(StrEnum):
    """What counts as one node."""

    CONNECTED_COMPONENTS = "connected components"
    LABELS = "labels"


def find_nodes(
    mask: NodeMask,
    separation: NodeSeparation = NodeSeparation.CONNECTED_COMPONENTS,
    max_count: int | None = None,
) -> tuple[Node, ...]:
    """
    The nodes that a mask marks.

    Args:
        mask: The mask; an empty one has no nodes.
        separation: ``CONNECTED_COMPONENTS``: 26-connected components of mask > 0, numbered from 1 by descending
            volume (equal volumes from the feet up). ``LABELS``: each value above 0 is one node, whatever its
            components.
        max_count: Most nodes to look for.

    Raises:
        TooManyNodes: there are more; told as soon as it is known.
    """
    find = _by_label if separation is NodeSeparation.LABELS else _by_component
    found = list(islice(find(mask), None if max_count is None else max_count + 1))
    if max_count is not None and len(found) > max_count:
        raise TooManyNodes(f"the mask marks more than {max_count} nodes; check that it is a mask of lymph nodes")
    if separation is NodeSeparation.LABELS:
        return tuple(found)
    found.sort(key=lambda node: (-np.count_nonzero(node.voxels), np.round(node.centroid_mm[::-1], 3).tolist()))
    return tuple(Node(rank, node.voxels, node.geometry) for rank, node in enumerate(found, start=1))


def _by_component(mask: NodeMask) -> Iterator[Node]:
    for region, inside in _islands(mask.labels):
        components, regions = _components(((mask.labels[region] > 0) & inside).astype(np.uint8))
        for value, inner in regions:
            yield Node(value, components[inner] == value, mask.geometry.cropped(_within(region, inner)))


def _by_label(mask: NodeMask) -> Iterator[Node]:
    regions: dict[int, list[Region]] = {}
    for region, _ in _islands(mask.labels):
        for value in np.unique(mask.labels[region]).tolist():
            regions.setdefault(value, []).append(region)
    for value in sorted(regions.keys() - {0}):
        hull = _hull(regions[value])
        marked = mask.labels[hull] == value
        inner = occupied_region(marked)
        assert inner is not None
        yield Node(value, marked[inner].copy(), mask.geometry.cropped(_within(hull, inner)))


def _islands(labels: NDArray[Any]) -> Iterator[tuple[Region, NDArray[np.bool_]]]:
    """
    Index regions that together hold every label, each with the voxels of it that no other region has.

    Components are sought among blocks first: what touches lies in blocks that touch. So the costly search, which
    takes many times the memory of what it searches, runs on small arrays only.
    """
    whole = occupied_region(labels)
    if whole is None:
        return
    components, regions = _components((_blocks(labels[whole]) > 0).astype(np.uint8))
    for value, coarse in regions:
        k, j, i = (
            slice(o.start + c.start * BLOCK, min(o.start + c.stop * BLOCK, o.stop))
            for o, c in zip(whole, coarse, strict=True)
        )
        inside = components[coarse] == value
        for axis, part in enumerate((k, j, i)):
            inside = inside.repeat(BLOCK, axis=axis).take(range(part.stop - part.start), axis=axis)
        yield (k, j, i), inside


def _blocks(labels: NDArray[Any]) -> NDArray[Any]:
    """The largest label of each block; a few layers at a time, so that no half of a large mask is copied."""
    layers = range(0, len(labels), 4 * BLOCK)
    return np.concatenate([_reduced(labels[start : start + layers.step]) for start in layers])


def _reduced(labels: NDArray[Any]) -> NDArray[Any]:
    """Likewise of a part; by halves, since NumPy's ``reduceat`` is slow."""
    for axis in range(3):
        for _ in range(BLOCK.bit_length() - 1):
            even, odd = (np.moveaxis(labels, axis, 0)[start::2] for start in (0, 1))
            larger = even.copy()
            np.maximum(even[: len(odd)], odd, out=larger[: len(odd)])
            labels = np.moveaxis(larger, 0, axis)
    return labels


def _components(marked: NDArray[np.uint8]) -> tuple[NDArray[Any], list[tuple[int, Region]]]:
    """The 26-connected components of what is not 0: their numbers as an array, and the region of each."""
    search, shapes = sitk.ConnectedComponentImageFilter(), sitk.LabelShapeStatisticsImageFilter()
    for each in (search, shapes):
        each.SetNumberOfWorkUnits(1)  # What is searched is small: threads would take longer to start than to search.
    search.FullyConnectedOn()
    components = search.Execute(sitk.GetImageFromArray(marked))
    shapes.ComputeFeretDiameterOff()
    shapes.ComputePerimeterOff()
    shapes.Execute(components)
    regions: list[tuple[int, Region]] = []
    for value in shapes.GetLabels():
        x, y, z, columns, rows, slices = shapes.GetBoundingBox(value)
        regions.append((value, (slice(z, z + slices), slice(y, y + rows), slice(x, x + columns))))
    return sitk.GetArrayFromImage(components), regions


def _within(outer: Region, inner: Region) -> Region:
    k, j, i = (slice(o.start + n.start, o.start + n.stop) for o, n in zip(outer, inner, strict=True))
    return k, j, i


def _hull(regions: list[Region]) -> Region:
    k, j, i = (slice(min(s.start for s in axis), max(s.stop for s in axis)) for axis in zip(*regions, strict=True))
    return k, j, i
