"""A label map that marks lymph nodes, on a grid of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.errors import InvalidMask
from imaging.geometry import Geometry, Region


@dataclass(frozen=True, slots=True, eq=False)
class NodeMask:
    """
    Labels of lymph nodes: 0 is background.

    The grid is the mask's own; it meets the CT's only in patient space. Beyond its grid nothing is marked.

    Attributes:
        labels: (slices, rows, columns), uint8 or uint16.
        geometry: Where the labels are.

    Raises:
        InvalidMask: shape or type differ from the above.
    """

    labels: NDArray[Any]
    geometry: Geometry

    def __post_init__(self) -> None:
        if self.labels.dtype not in (np.uint8, np.uint16):
            raise InvalidMask(f"labels must be uint8 or uint16, got {self.labels.dtype}")
        if self.labels.shape != self.geometry.shape:
            raise InvalidMask(f"labels have shape {self.labels.shape}, the geometry says {self.geometry.shape}")

    def cropped(self, region: Region) -> "NodeMask":
        """The part of the mask in an index region; shares memory."""
        return NodeMask(self.labels[region], self.geometry.cropped(region))

    def occupied(self) -> Region | None:
        """The smallest index region that holds every label, or None where nothing is marked."""
        return occupied_region(self.labels)


def require_values(mask: NodeMask, wanted: Iterable[int], word: str) -> None:
    """
    Refuse a mask that lacks some of its wanted values; ``word`` is what the message calls a value.

    Raises:
        InvalidMask: it does.
    """
    present = set(np.unique(mask.labels).tolist()) - {0}
    if absent := [value for value in wanted if value not in present]:
        listed, there = (", ".join(map(str, values)) for values in (absent, sorted(present)))
        raise InvalidMask(f"the mask has no {word} {listed}; it has {there or 'none at all'}")


def occupied_region(labels: NDArray[Any]) -> Region | None:
    """The smallest index region of a 3-D array that holds all its non-zero values, or None if there are none."""
    region: list[slice] = []
    for axis in range(3):
        # Each axis is searched only inside what the axes before it left over.
        part = labels[tuple(region)]
        hits = np.flatnonzero(part.any(axis=tuple(n for n in range(3) if n != axis)))
        if not hits.size:
            return None
        region.append(slice(int(hits[0]), int(hits[-1]) + 1))
    k, j, i = region
    return k, j, i
