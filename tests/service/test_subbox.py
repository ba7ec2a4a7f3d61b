"""The part of a CT that a client sends gives the findings of the whole."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from imaging.crop import EdgePolicy, NodeStatus
from imaging.errors import MaskOutsideVolume
from imaging.geometry import AXIAL, Geometry
from imaging.heatmap import HeatmapGrid, heat_on_volume
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from service.findings import Heat
from service.subbox import SubBox, heat_on_whole
from tests.imaging.scenes import OBLIQUE, axis_orders, ellipsoids, mask_in_order, soft_tissue, volume_in_order

GRID = Geometry((20, 44, 44), (3.0, 1.0, 1.0), (-20.0, 30.0, 5.0))
SPEC = PreprocessingSpec(side_mm=16.0, input_shape_px=(20, 20), spacing_mm=(0.9, 0.8, 0.8))
COMPONENTS = NodeSeparation.CONNECTED_COMPONENTS
ORDERS = list(axis_orders())
HEAT = HeatmapGrid(4.0, 1.5)

places = st.tuples(st.floats(-4, 48), st.floats(-4, 48), st.floats(-3, 62))


def scene(first, second, order, direction):
    """A CT and a mask with nodes at two places, given from the CT's first voxel along its columns, rows, slices."""
    grid = Geometry(GRID.shape, GRID.spacing_mm, GRID.origin_mm, direction)
    centres = grid.points_at([np.divide(place[::-1], grid.spacing_mm) for place in (first, second)])
    volume = soft_tissue(grid)
    larger = Geometry((30, 64, 64), GRID.spacing_mm, tuple(grid.points_at([(-5, -10, -10)])[0]), direction)
    mask = ellipsoids(larger, (tuple(centres[0]), (5.0, 4.0, 6.0)), (tuple(centres[1]), (2.5, 3.0, 3.5)))
    return volume_in_order(volume, order), mask_in_order(mask, order)


@settings(max_examples=60, deadline=None)
@given(places, places, st.sampled_from(ORDERS), st.sampled_from([AXIAL, OBLIQUE]), st.sampled_from(EdgePolicy))
@example((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), ORDERS[2], OBLIQUE, EdgePolicy.PAD)  # samples on a face of the CT
@example((0.0, 2.5, 23.0), (0.0, 0.0, 0.0), ORDERS[2], OBLIQUE, EdgePolicy.PAD)  # voxels on a face of the crop
@example((8.0, 22.0, 30.0), (36.5, 36.5, 56.0), ORDERS[0], AXIAL, EdgePolicy.REPORT)
def test_a_part_is_prepared_as_the_whole(first, second, order, direction, edge_policy):
    """Wherever the nodes lie, statuses, crops, measurements and heat are those of the whole CT, in any axis order."""
    volume, mask = scene(first, second, order, direction)
    nodes = find_nodes(mask)
    assume(any(volume.geometry.region_of(node.box, 0) for node in nodes))
    part = SubBox.around(volume, mask, SPEC, COMPONENTS)

    whole = prepare(volume, nodes, SPEC, edge_policy)
    parts = prepare(part.volume, find_nodes(part.mask), SPEC, edge_policy)

    assert [node.status for node in whole] == [node.status for node in parts]
    for expected, actual in zip(whole, parts, strict=True):
        assert_allclose(actual.measurements.mean_hu, expected.measurements.mean_hu, rtol=1e-5)
        assert expected.measurements.volume_mm3 == pytest.approx(actual.measurements.volume_mm3)
        if expected.crop:
            assert_allclose(actual.crop.pixels, expected.crop.pixels, atol=1e-5)
            assert_array_equal(actual.crop.node_mask, expected.crop.node_mask)
            on_part = Heat(painted(part.volume.geometry, actual.crop), part.volume.geometry)
            assert_allclose(
                heat_on_whole(on_part, part.region, volume.geometry).values,
                painted(volume.geometry, expected.crop),
                atol=1e-4,
            )


def painted(geometry, crop):
    """A heat map of ones and more around a node, on the grid of a CT."""
    heat = 1 + np.random.default_rng(0).random((len(crop.pixels), 5, 5)).astype(np.float32)
    whole = np.zeros(geometry.shape, dtype=np.float32)
    reached = heat_on_volume(heat, HEAT, crop, geometry)
    if reached:
        whole[reached[0]] = reached[1]
    return whole


def test_the_part_is_small():
    """One node in the middle of a CT needs a fraction of its voxels, and its mask shrinks to the node."""
    volume, mask = scene((22.0, 22.0, 30.0), (22.0, 22.0, 30.0), ORDERS[0], AXIAL)

    part = SubBox.around(volume, mask, SPEC, COMPONENTS)

    assert volume.hu.size > 5 * part.volume.hu.size
    assert NodeStatus.SCORED is prepare(part.volume, find_nodes(part.mask), SPEC)[0].status
    assert np.count_nonzero(mask.labels) == np.count_nonzero(part.mask.labels)
    assert mask.labels.size > 50 * part.mask.labels.size


def test_an_empty_mask_needs_one_voxel():
    """Where nothing is marked next to nothing is sent, and still the server can be asked."""
    empty = NodeMask(np.zeros((4, 5, 6), np.uint8), Geometry((4, 5, 6), (1, 1, 1)))

    part = SubBox.around(soft_tissue(GRID), empty, SPEC, COMPONENTS)

    assert (1, 1, 1) == part.volume.geometry.shape == part.mask.geometry.shape


def test_a_mask_of_another_ct_is_refused_before_anything_is_sent():
    """The message tells where both are."""
    far = NodeMask(np.ones((2, 2, 2), np.uint8), Geometry((2, 2, 2), (1, 1, 1), (500.0, 0.0, 0.0)))

    with pytest.raises(MaskOutsideVolume, match="marked from"):
        SubBox.around(soft_tissue(GRID), far, SPEC, COMPONENTS)
