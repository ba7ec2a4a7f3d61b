"""What the service says about the nodes of one CT."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from imaging.box import Box
from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.geometry import Geometry, Triple
from imaging.heatmap import HeatShare
from imaging.measurements import NodeMeasurements


class Code(StrEnum):
    """What a reader must be told, for programs."""

    LARGER_THAN_CROP = "LARGER_THAN_CROP"
    NO_POSITIVE_EVIDENCE = "NO_POSITIVE_EVIDENCE"
    OUTSIDE_VOLUME = "OUTSIDE_VOLUME"
    EMPTY_MASK = "EMPTY_MASK"
    SYNTHETIC_MODEL = "SYNTHETIC_MODEL"
    UNGATED_MODEL = "UNGATED_MODEL"
    DICOM_READING = "DICOM_READING"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the reader of a result must know: a code of `Code`, and the same in words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Exactly one model: its name, its version from 1, and the SHA-256 of its file."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class SliceFinding:
    """What the network says about one axial slice: its LPS z, and its logit."""

    z_mm: float
    logit: float


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """
    Grad-CAM on a grid, after ReLU and not normalised.

    Attributes:
        values: float32, (slices, rows, columns).
        geometry: Where they are: the network's cells on the slices of a crop, or the voxels of a CT.
    """

    values: NDArray[np.float32]
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class Score:
    """
    The verdict on a node.

    Attributes:
        probability: Calibrated, of metastasis.
        logit: Aggregated over the slices, not calibrated.
        call: The probability, judged at the operating point.
        heat_share: How much of the heat lies on the node.
    """

    probability: float
    logit: float
    call: Call
    heat_share: HeatShare


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """
    What is said about one node.

    Attributes:
        label: The rank by volume, or the value in the mask.
        status: Whether it was scored.
        centroid_mm: LPS centre of mass.
        box: Around its voxels, outer faces included.
        measurements: Size and density.
        score: The verdict; None unless the status is SCORED.
        slices: From the feet up; empty unless asked for.
        heatmap: Where the network looked; None unless asked for and scored.
        notices: What the reader must know about it.
    """

    label: int
    status: NodeStatus
    centroid_mm: Triple
    box: Box
    measurements: NodeMeasurements
    score: Score | None = None
    slices: tuple[SliceFinding, ...] = ()
    heatmap: Heat | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds the server took to decode, to cut crops, to wait for the network, in it, and altogether."""

    decode_s: float
    preprocess_s: float
    queue_s: float
    inference_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Classification:
    """
    What is said about one CT.

    Attributes:
        request_id: As in the request.
        model: The model that scored.
        nodes: All nodes of the mask, by label.
        notices: What the reader must know about the whole.
        timings: How long it took.
        heat: All heat maps on the grid of the CT that was sent; None unless asked for.
    """

    request_id: str
    model: ModelRef
    nodes: tuple[NodeFinding, ...]
    notices: tuple[Notice, ...]
    timings: Timings
    heat: Heat | None = None
