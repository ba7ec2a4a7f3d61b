"""Which nodes are scored, and what is said of the others."""

import numpy as np
import pytest

from imaging.crop import EdgePolicy, NodeStatus
from imaging.errors import MaskOutsideVolume
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.preprocessing import prepare, status_of
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from tests.imaging.scenes import ellipsoids
from tests.imaging.test_preprocessing import GRID, MIDDLE_MM, SPEC, pixels_of, prepared, scene


def test_the_smallest_nodes_are_not_scored():
    """A node under the least volume is reported, with its measurements, and has no crop."""
    volume, _ = scene()
    node = prepared(volume, ellipsoids(GRID, (MIDDLE_MM, (1.2, 1.2, 1.2))))

    assert NodeStatus.TOO_SMALL is node.status
    assert node.crop is None
    assert 0 < node.measurements.volume_mm3 < 10


def test_a_crop_beyond_the_ct_is_padded_only_on_request():
    """At the border a node is reported; with PAD it is scored, and what lies outside is air."""
    volume, _ = scene()
    mask = ellipsoids(GRID, ((-14.0, 33.0, 51.0), (4.0, 4.0, 4.0)))

    assert NodeStatus.AT_EDGE is prepared(volume, mask).status
    padded = pixels_of(prepared(volume, mask, edge_policy=EdgePolicy.PAD))
    assert (padded[:, :, :8] == 0).all()
    assert padded[:, :, 30:].mean() > 0.1


def test_the_grid_alone_tells_the_status():
    """Without a voxel of the CT the answer is that of preprocessing, with and without padding."""
    volume, _ = scene()
    masks = [ellipsoids(GRID, (MIDDLE_MM, (half,) * 3)) for half in (1.2, 4.0)]
    masks.append(ellipsoids(GRID, ((-14.0, 33.0, 51.0), (4.0, 4.0, 4.0))))

    for policy in EdgePolicy:
        for mask in masks:
            [node] = find_nodes(mask)
            assert prepared(volume, mask, edge_policy=policy).status is status_of(GRID, node, SPEC, policy)


def test_slices_beyond_the_ct_are_an_edge_too():
    """A node in the lowest slice whose neighbour slices do not exist is AT_EDGE."""
    volume, _ = scene()
    labels = np.zeros(GRID.shape, dtype=np.uint8)
    labels[0, 25:33, 28:36] = 1
    spec = PreprocessingSpec(side_mm=24.0, slice_offsets=(-2, -1, 0))

    assert NodeStatus.AT_EDGE is prepared(volume, NodeMask(labels, GRID), spec).status


def test_a_mask_of_another_patient_is_refused():
    """A mask that touches the CT nowhere is an error that tells both places."""
    volume, mask = scene()
    elsewhere = NodeMask(mask.labels, Geometry(GRID.shape, GRID.spacing_mm, (500.0, 0.0, 0.0)))

    with pytest.raises(MaskOutsideVolume, match="one series"):
        prepare(volume, find_nodes(elsewhere), SPEC)


def test_one_stray_node_does_not_stop_the_others():
    """A node outside the CT is AT_EDGE even with PAD; the node inside is scored."""
    volume, _ = scene()
    wide = Geometry((30, 60, 200), GRID.spacing_mm, GRID.origin_mm)
    mask = ellipsoids(wide, (MIDDLE_MM, (5.0, 5.0, 5.0)), ((90.0, 33.0, 51.0), (4.0, 4.0, 4.0)))
    nodes = find_nodes(mask, NodeSeparation.LABELS)

    statuses = [node.status for node in prepare(volume, nodes, SPEC, EdgePolicy.PAD)]
    assert [NodeStatus.SCORED, NodeStatus.AT_EDGE] == statuses


def test_an_empty_mask_has_no_nodes_and_no_error():
    """Nothing marked means nothing prepared."""
    volume, mask = scene()

    assert () == prepare(volume, find_nodes(NodeMask(np.zeros_like(mask.labels), GRID)), SPEC)
