"""What can be wrong with a node for the crop that is planned."""

from collections.abc import Callable

from imaging.crop import NodeStatus
from imaging.geometry import Geometry
from imaging.node import Node
from imaging.preprocessing import status_of
from imaging.spec import PreprocessingSpec


def too_small(ct: Geometry, node: Node, spec: PreprocessingSpec) -> str | None:
    """Training and service would not score it."""
    return f"{node.volume_mm3:.1f} mm³" if status_of(ct, node, spec) is NodeStatus.TOO_SMALL else None


def at_edge(ct: Geometry, node: Node, spec: PreprocessingSpec) -> str | None:
    """Training and service would not score it, or would have to pad it."""
    if status_of(ct, node, spec) is not NodeStatus.AT_EDGE:
        return None
    return f"a crop of {spec.side_mm:g} mm leaves the CT; training with --edge pad fills it with air"


def larger_than_crop(ct: Geometry, node: Node, spec: PreprocessingSpec) -> str | None:
    """The network would not see all of it."""
    longer_mm = max(node.box.size_mm[:2])
    return f"{longer_mm:.1f} mm in a crop of {spec.side_mm:g} mm" if longer_mm > spec.side_mm else None


CROP_RULES: dict[str, Callable[[Geometry, Node, PreprocessingSpec], str | None]] = {
    "too-small": too_small,
    "at-edge": at_edge,
    "larger-than-crop": larger_than_crop,
}
"""By name; each tells what it found, or None."""
