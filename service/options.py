"""What a caller may choose."""

from dataclasses import dataclass
from enum import StrEnum

from imaging.crop import EdgePolicy
from imaging.separation import NodeSeparation


class HeatmapOutput(StrEnum):
    """Which heat maps come back."""

    NONE = "none"
    CROP = "crop"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class ClassifyOptions:
    """
    Choices of the caller.

    Attributes:
        separation: What counts as one node.
        edge_policy: What happens to a node whose crop reaches beyond the CT.
        heatmap_output: Which heat maps come back; ``VOLUME`` brings both kinds.
        operating_point: Probability from which a node is called metastatic; None is the model's own.
        include_slices: Whether the logit of every slice comes back.
    """

    separation: NodeSeparation = NodeSeparation.CONNECTED_COMPONENTS
    edge_policy: EdgePolicy = EdgePolicy.REPORT
    heatmap_output: HeatmapOutput = HeatmapOutput.CROP
    operating_point: float | None = None
    include_slices: bool = False
