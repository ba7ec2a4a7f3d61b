"""From marks that may overlap to one label map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.dicom.study import Mark
from imaging.errors import UnknownMark, UnreadableMarking
from imaging.geometry import Geometry
from imaging.mask import NodeMask


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """
    What one mark covers.

    Attributes:
        mark: The mark.
        voxels: Flat indices, (n,), into its grid; none twice.
    """

    mark: Mark
    voxels: NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """
    What a segmentation or structure set marks.

    Attributes:
        mask: Each mark has a label of its own.
        marks: What the labels stand for, by label; each has a voxel.
        notices: What a reader must know about how it was read, a sentence each.
    """

    mask: NodeMask
    marks: tuple[Mark, ...]
    notices: tuple[str, ...]


def chosen(marks: Sequence[Mark], names: Sequence[str]) -> list[Mark]:
    """
    The marks of these names, whatever the case of their letters; all where no name is given.

    Raises:
        UnknownMark: no mark has one of the names.
    """
    wanted = {_key(name) for name in names}
    if unknown := wanted - {_key(mark.name) for mark in marks}:
        raise UnknownMark(
            f"nothing is marked as {_listed(sorted(unknown))}; there is {_listed([m.name for m in marks])}", "names"
        )
    return [mark for mark in marks if not wanted or _key(mark.name) in wanted]


def merged(layers: Sequence[Layer], geometry: Geometry) -> Marked:
    """
    One label map of all layers; a voxel of several belongs to the one with the fewest voxels.

    Raises:
        UnreadableMarking: no layer has a voxel.
    """
    labels = np.zeros(geometry.shape, np.uint8 if max((y.mark.label for y in layers), default=0) <= 255 else np.uint16)
    flat = labels.reshape(-1)
    overlapping: set[int] = set()
    for layer in sorted(layers, key=lambda y: (-y.voxels.size, y.mark.label)):
        if covered := set(np.flatnonzero(np.bincount(flat[layer.voxels])).tolist()) - {0}:
            overlapping |= covered | {layer.mark.label}
        flat[layer.voxels] = layer.mark.label
    seen = [bool((flat[layer.voxels] == layer.mark.label).any()) for layer in layers]
    if not any(seen):
        raise UnreadableMarking("nothing is marked: no structure has a voxel", "marking")
    return Marked(
        NodeMask(labels, geometry),
        tuple(layer.mark for layer, is_seen in zip(layers, seen, strict=True) if is_seen),
        tuple(_notices(layers, seen, overlapping)),
    )


def _notices(layers: Sequence[Layer], seen: Sequence[bool], overlapping: set[int]) -> Iterator[str]:
    if names := [layer.mark.name for layer in layers if layer.mark.label in overlapping]:
        yield f"{_listed(names)} overlap; a voxel of several belongs to the smallest"
    for layer, is_seen in zip(layers, seen, strict=True):
        if not layer.voxels.size:
            yield f"'{layer.mark.name}' was passed over: it has no voxel"
        elif not is_seen:
            yield f"'{layer.mark.name}' was passed over: it lies wholly within others that are no larger"


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
