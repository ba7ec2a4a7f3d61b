"""Every CT and mask of a table, looked at once."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imaging.crop import EdgePolicy
from imaging.ct import read_ct
from imaging.errors import ImagingError, InvalidMask, NoCtImage, UnevenSlices
from imaging.files import read_mask
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.node import Node
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from imaging.window import Window
from training.cases import Case
from training.quality.ct_rules import CT_RULES
from training.quality.grid_rules import GRID_RULES
from training.quality.node_rules import NODE_RULES, median_hu
from training.quality.rule import Finding
from training.scan import Scan, scans_of

MARGIN = 4
"""Voxels of the CT around a node that must be equal in a duplicate."""

PATCH = PreprocessingSpec(
    window=Window(-1000.0, 400.0),
    side_mm=40.0,
    slice_offsets=(-4, 0, 4),
    input_shape_px=(48, 48),
    min_node_volume_mm3=0.0,
)
"""What two cases are compared by, to find copies of one CT that were stored in other ways."""


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """
    What is remembered of a case whose node was found in its CT.

    Attributes:
        case: The case.
        ct: The CT's grid.
        node: The node.
        median_hu: Of the node; NaN where none of it lies in the CT.
        pixel_digest: SHA-256 of the CT's voxels around the node; None outside the CT.
        patch: The CT around the node, float32 in [0, 1], (slices, rows, columns); None outside the CT.
    """

    case: Case
    ct: Geometry
    node: Node
    median_hu: float
    pixel_digest: str | None
    patch: NDArray[np.float32] | None


def examine(cases: Iterable[Case]) -> tuple[tuple[Examined, ...], tuple[Finding, ...]]:
    """Read each CT and mask once, with progress on stderr; what was found, and what is wrong."""
    examined: list[Examined] = []
    findings: list[Finding] = []
    with tqdm(scans_of(cases), desc="scans", unit="scan") as scans:
        for scan in scans:
            volume, mask, faults = _loaded(scan)
            if volume is not None:
                faults |= {name: what for name, rule in CT_RULES.items() if (what := rule(volume))}
            if volume is not None and mask is not None:
                faults |= _grid_faults(volume.geometry, mask.geometry)
                for case, node in _marked(scan, mask).items():
                    findings += _node_findings(case, node, volume)
                    try:
                        examined += [remembered(case, node, volume)] if node else []
                    except InvalidMask as error:
                        findings.append(Finding(case.row, "unreadable-mask", str(error)))
            findings += [Finding(case.row, name, what) for case in scan.cases for name, what in faults.items()]
    return tuple(examined), tuple(findings)


def _loaded(scan: Scan) -> tuple[Volume | None, NodeMask | None, dict[str, str]]:
    """CT and mask, None where they cannot be read, and why."""
    volume, mask, faults = None, None, {}
    try:
        volume = read_ct(scan.image)
    except ImagingError as error:
        names: dict[type[ImagingError], str] = {NoCtImage: "wrong-modality", UnevenSlices: "missing-slices"}
        faults[names.get(type(error), "unreadable-image")] = str(error).replace(str(scan.image), scan.image.name)
    try:
        mask = read_mask(scan.mask)
    except ImagingError as error:
        faults["unreadable-mask"] = str(error).replace(str(scan.mask), scan.mask.name)
    return volume, mask, faults


def _grid_faults(ct: Geometry, mask: Geometry) -> dict[str, str]:
    return {name: what for name, rule in GRID_RULES.items() if (what := rule(ct, mask))}


def _marked(scan: Scan, mask: NodeMask) -> dict[Case, Node | None]:
    nodes = {node.label: node for node in find_nodes(mask, NodeSeparation.LABELS)}
    return {case: nodes.get(case.node) for case in scan.cases}


def _node_findings(case: Case, node: Node | None, volume: Volume) -> Iterator[Finding]:
    if node is None:
        yield Finding(case.row, "node-not-marked", f"no voxel of the mask is {case.node}")
        return
    for name, rule in NODE_RULES.items():
        if what := rule(node, volume):
            yield Finding(case.row, name, what)


def remembered(case: Case, node: Node, volume: Volume) -> Examined:
    """
    What the rules for crops and for copies need once the CT is gone.

    Raises:
        InvalidMask: the node is too large for one.
    """
    return Examined(
        case, volume.geometry, node, median_hu(node, volume), _pixel_digest(node, volume), _patch(node, volume)
    )


def _pixel_digest(node: Node, volume: Volume) -> str | None:
    region = volume.geometry.region_of(node.box, MARGIN)
    if region is None:
        return None
    hu = np.round(volume.hu[region]).astype(np.int32)
    return hashlib.sha256(str(hu.shape).encode() + hu.tobytes()).hexdigest()


def _patch(node: Node, volume: Volume) -> NDArray[np.float32] | None:
    if volume.geometry.region_of(node.box, margin=0) is None:
        return None
    [prepared] = prepare(volume, [node], PATCH, EdgePolicy.PAD)
    return None if prepared.crop is None else prepared.crop.pixels
