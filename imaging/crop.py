"""A node and its surroundings as the network sees them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.measurements import NodeMeasurements
from imaging.node import Node


class NodeStatus(StrEnum):
    """Whether a node can be scored."""

    SCORED = "scored"
    AT_EDGE = "at edge"
    TOO_SMALL = "too small"


class EdgePolicy(StrEnum):
    """What happens to a node whose crop reaches beyond the CT."""

    REPORT = "report"
    PAD = "pad"


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """
    A node and its surroundings, resampled, windowed and resized.

    Attributes:
        pixels: float32 in [0, 1], (slices, rows, columns): what the network is given, a slice at a time.
        node_mask: True inside the node, same shape.
        geometry: Where these pixels are; always on the LPS axes.
    """

    pixels: NDArray[np.float32]
    node_mask: NDArray[np.bool_]
    geometry: Geometry


@dataclass(frozen=True, slots=True, eq=False)
class PreparedNode:
    """
    What preprocessing makes of one node.

    Attributes:
        node: The node.
        status: Whether it can be scored.
        crop: Its crop; None unless the status is SCORED.
        measurements: Its size and density.
        larger_than_crop: True where the node does not fit the crop's box.
    """

    node: Node
    status: NodeStatus
    crop: Crop | None
    measurements: NodeMeasurements
    larger_than_crop: bool
