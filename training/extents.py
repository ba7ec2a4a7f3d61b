"""How large the nodes are in the axial plane, and the box that fits most of them."""

from collections.abc import Sequence
from math import ceil

from tqdm import tqdm

from training.cases import Case
from training.scan import scans_of

ENCLOSED_SHARE = 0.95
"""Of the nodes that a box must enclose."""


def in_plane_extents_mm(cases: Sequence[Case]) -> list[float]:
    """
    The longer axial side of the box around each case's node, ascending.

    Raises:
        InvalidCases: a mask cannot be read, or does not mark its node.
    """
    with tqdm(scans_of(cases), desc="masks", unit="scan") as scans:
        return sorted(max(node.box.size_mm[:2]) for scan in scans for node in scan.nodes())


def enclosing_side_mm(extents_mm: Sequence[float]) -> float:
    """
    The smallest side, in steps of 0.01 mm, of a square that encloses 95 % of the nodes.

    >>> enclosing_side_mm([8.0, 9.5, 12.341])
    12.35
    """
    rank = ceil(round(ENCLOSED_SHARE * len(extents_mm), 6))
    return ceil(round(sorted(extents_mm)[rank - 1] * 100, 6)) / 100
