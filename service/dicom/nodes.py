"""The nodes of a study, as all of its results name and place them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.config import IGNORE
from pydicom.uid import UID

from imaging.crop import Crop
from imaging.dicom.study import DicomStudy, Mark
from imaging.errors import InvalidMask
from imaging.geometry import Geometry, Triple
from imaging.node import Node
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from service.dicom.uids import uid_of
from service.findings import Classification, NodeFinding
from service.options import ClassifyOptions

NAME_LENGTH = 40
"""Longest name of a mark that is repeated; labels of segments (LO) have 64 characters."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportedNode:
    """
    One node in the results.

    Attributes:
        finding: What is said about it.
        node: Its voxels, on the mask's grid.
        crop: What the network saw; None where it was not scored.
        tracking_id: What it is called in all results.
        tracking_uid: Likewise, for programs: the mark's own where the node is all of one mark.
        slice_index: Which of the CT's slices shows it best; None where it lies outside.
    """

    finding: NodeFinding
    node: Node
    crop: Crop | None
    tracking_id: str
    tracking_uid: str
    slice_index: int | None


def reported_nodes(
    study: DicomStudy, found: Classification, spec: PreprocessingSpec, options: ClassifyOptions
) -> tuple[ReportedNode, ...]:
    """
    The nodes that were found, by label, with the crops that the server made: it sends none back.

    Raises:
        InvalidMask: other nodes were found than are marked.
    """
    nodes = find_nodes(study.mask, options.separation)
    prepared = prepare(study.volume, nodes, spec, options.edge_policy)
    if [(cut.node.label, cut.status) for cut in prepared] != [(node.label, node.status) for node in found.nodes]:
        raise InvalidMask("the findings are not of the nodes marked here; give the options that they were made with")
    marks = [_mark_of(node, study) for node in nodes]
    tracked = Counter(mark.tracking_uid for mark in marks)
    return tuple(
        ReportedNode(
            finding=finding,
            node=cut.node,
            crop=cut.crop,
            tracking_id=_tracking_id(finding, mark),
            tracking_uid=_tracking_uid(study, options, finding, mark, tracked),
            slice_index=_slice_index(study.volume.geometry, finding, cut.crop),
        )
        for finding, cut, mark in zip(found.nodes, prepared, marks, strict=True)
    )


def scored(nodes: Sequence[ReportedNode]) -> Iterator[tuple[ReportedNode, Crop]]:
    """Those with a score, and their crops."""
    return ((each, each.crop) for each in nodes if each.crop is not None and each.finding.score is not None)


def _mark_of(node: Node, study: DicomStudy) -> Mark:
    """The mark that most of a node's voxels belong to; a component may have voxels of several."""
    k, j, i = study.mask.geometry.indices_at(node.points_mm()).round().astype(int).T
    labels, counts = np.unique(study.mask.labels[k, j, i], return_counts=True)
    label = int(labels[counts.argmax()])
    return next((mark for mark in study.marks if mark.label == label), Mark(label, ""))


def _tracking_id(finding: NodeFinding, mark: Mark) -> str:
    name = "".join(c for c in mark.name if c.isprintable() and c != "\\").strip()[:NAME_LENGTH]
    return f"Node {finding.label}" + (f" ({name})" if name else "")


def _tracking_uid(
    study: DicomStudy, options: ClassifyOptions, finding: NodeFinding, mark: Mark, tracked: Mapping[str, int]
) -> str:
    """The mark's own where it is one, and of one node; or else one that follows from the marking."""
    if UID(mark.tracking_uid, IGNORE).is_valid and tracked[mark.tracking_uid] == 1:
        return mark.tracking_uid
    return uid_of("node", str(study.marking.SOPInstanceUID), options.separation, str(finding.label))


def _slice_index(geometry: Geometry, finding: NodeFinding, crop: Crop | None) -> int | None:
    """The slice through the middle of the crop, or through the node's centre of mass."""
    centre_mm: Triple = crop.geometry.box.centre_mm if crop else finding.centroid_mm
    [index] = geometry.indices_at([centre_mm]).round().astype(int)
    return int(index[0]) if (index >= 0).all() and (index < geometry.shape).all() else None
