"""A scored CT without a server, for pages."""

from dataclasses import replace

import numpy as np

from imaging.crop import NodeStatus
from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from service.findings import Classification, Heat, ModelRef, NodeFinding, Notice, Timings
from service.options import ClassifyOptions
from service.pages.study import Study, study_of_answer
from tests.imaging.manifests import manifest
from tests.service.answers import node
from tests.service.models import SPEC
from tests.service.scans import scan

OPTIONS = ClassifyOptions(NodeSeparation.LABELS)
TIMINGS = Timings(0.1, 0.2, 0.0, 0.3, 0.6)


def told(**changes) -> Manifest:
    """The manifest of the model that scored."""
    return manifest(preprocessing=SPEC, **changes)


def scored_nodes(mask: NodeMask) -> list[NodeFinding]:
    """Findings on the nodes of the scan: 1 and 2 have heat on their lower half, 3 lies at the edge."""
    volume = scan()[0]
    found = []
    for each in prepare(volume, find_nodes(mask, NodeSeparation.LABELS), SPEC):
        place = {"centroid_mm": each.node.centroid_mm, "box": each.node.box, "measurements": each.measurements}
        if each.crop is None:
            found.append(replace(node(each.node.label, NodeStatus.AT_EDGE), **place))
            continue
        cells = np.zeros((len(each.crop.pixels), 8, 8), np.float32)
        cells[:, 4:, :] = 0.5 * each.node.label
        grid = told().heatmap.geometry(each.crop.geometry, (8, 8))
        scored = node(each.node.label, heatmap=Heat(cells, grid))
        assert scored.score is not None
        found.append(replace(scored, score=replace(scored.score, probability=0.9 - 0.3 * each.node.label), **place))
    return found


def answer(*notices: Notice, **changes) -> Classification:
    """The answer on the scan, with heat on the CT around each node."""
    mask = scan()[1]
    heat = np.where(mask.labels > 0, 0.5 * mask.labels, 0.0).astype(np.float32)
    plain = Classification(
        "request-1",
        ModelRef("cnn", 1, "ab" * 32),
        tuple(scored_nodes(mask)),
        notices,
        TIMINGS,
        Heat(heat, mask.geometry),
    )
    return replace(plain, **changes)


def study(name: str = "the CT", **changes) -> Study:
    """The scan with its answer."""
    volume, mask = scan()
    nodes = find_nodes(mask, OPTIONS.separation)
    crops = {each.node.label: each.crop for each in prepare(volume, nodes, SPEC) if each.crop}
    return study_of_answer(name, volume, nodes, crops, answer(**changes), told(), OPTIONS)
