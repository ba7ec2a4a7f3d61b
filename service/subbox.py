"""
The part of a CT that is sent.

A node's crop reads a small part of the CT only. Sending that part gives the same findings as sending the whole, and
takes a hundredth of the time.
"""

from dataclasses import dataclass

import numpy as np

from imaging.geometry import Geometry, Region
from imaging.mask import NodeMask
from imaging.preprocessing import region_needed, require_overlap
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from service.findings import Heat

FIRST_VOXEL: Region = (slice(0, 1), slice(0, 1), slice(0, 1))
"""What is sent where nothing is marked: a grid needs a voxel."""


@dataclass(frozen=True, slots=True, eq=False)
class SubBox:
    """
    What of a CT and its mask is sent.

    Attributes:
        volume: A part of the CT.
        mask: The part of the mask that holds its labels.
        region: Index region of the part in the CT.
    """

    volume: Volume
    mask: NodeMask
    region: Region

    @classmethod
    def whole(cls, volume: Volume, mask: NodeMask) -> "SubBox":
        """All of both."""
        slices, rows, columns = volume.geometry.shape
        return cls(volume, mask, (slice(0, slices), slice(0, rows), slice(0, columns)))

    @classmethod
    def around(cls, volume: Volume, mask: NodeMask, spec: PreprocessingSpec, separation: NodeSeparation) -> "SubBox":
        """
        What suffices to prepare the nodes of the mask under a model's spec.

        It ends before the CT does only beyond all that a crop reads: a node is at the edge of the part only where it
        is at the edge of the CT.

        Raises:
            MaskOutsideVolume: there are nodes, and none of them touches the CT.
        """
        nodes = find_nodes(mask, separation)
        require_overlap(volume.geometry, nodes)
        region = region_needed(volume.geometry, nodes, spec) if nodes else FIRST_VOXEL
        return cls(volume.cropped(region), mask.cropped(mask.occupied() or FIRST_VOXEL), region)


def heat_on_whole(heat: Heat, region: Region, whole: Geometry) -> Heat:
    """The heat of a part of the CT on the grid of the whole, 0 elsewhere."""
    values = np.zeros(whole.shape, dtype=np.float32)
    values[region] = heat.values
    return Heat(values, whole)
