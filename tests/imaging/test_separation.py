"""From one mask to its nodes, by contact or by label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage

from imaging.errors import TooManyNodes
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation, find_nodes
from tests.imaging.scenes import axis_orders, ellipsoids, mask_in_order

GRID = Geometry((20, 24, 28), (1.0, 1.0, 1.0))


def mask_of(*boxes):
    """A mask with value n in box n, each given as (first, last) on the diagonal."""
    labels = np.zeros(GRID.shape, dtype=np.uint8)
    for value, (first, last) in enumerate(boxes, start=1):
        labels[first:last, first:last, first:last] = value
    return NodeMask(labels, GRID)


class TestComponents:
    def test_nodes_are_numbered_by_descending_volume(self):
        """The largest is number 1."""
        nodes = find_nodes(mask_of((1, 3), (5, 9), (12, 15)))

        assert [(1, 64.0), (2, 27.0), (3, 8.0)] == [(n.label, n.volume_mm3) for n in nodes]

    def test_voxels_that_touch_at_a_corner_are_one_node(self):
        """Contact over faces, edges and corners counts, whatever the values."""
        assert [64.0 + 8.0] == [n.volume_mm3 for n in find_nodes(mask_of((1, 3), (3, 7)))]

    def test_the_number_does_not_depend_on_the_axis_order(self):
        """Nodes of equal volume keep their numbers in all 48 layouts."""
        places_mm = ((6.0, 6.0, 5.0), (20.0, 6.0, 5.0), (6.0, 17.0, 14.0))
        mask = ellipsoids(GRID, *((place_mm, (2, 2, 2)) for place_mm in places_mm))
        expected = [node.centroid_mm for node in find_nodes(mask)]

        for order in axis_orders():
            actual = [node.centroid_mm for node in find_nodes(mask_in_order(mask, order))]
            assert np.allclose(expected, actual, atol=1e-6)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 2**32 - 1), st.floats(0.005, 0.3))
    def test_the_same_components_as_an_independent_search(self, seed, density):
        """Cutting at empty planes loses and joins nothing: SciPy finds the same components."""
        labels = (np.random.default_rng(seed).random((9, 10, 11)) < density).astype(np.uint8)
        found = find_nodes(NodeMask(labels, Geometry(labels.shape, (1.0, 1.0, 1.0))))

        reference, count = ndimage.label(labels, np.ones((3, 3, 3)))
        sizes = sorted(np.bincount(reference.ravel())[1:].tolist(), reverse=True) if count else []
        assert sizes == [int(node.voxels.sum()) for node in found]


class TestLabels:
    def test_each_value_is_one_node_whatever_its_pieces(self):
        """Two pieces of one value are one node, on a grid that encloses both."""
        labels = np.zeros(GRID.shape, dtype=np.uint16)
        labels[2, 2, 2] = labels[15, 20, 20] = 300
        labels[8:10, 8:10, 8:10] = 4

        four, three_hundred = find_nodes(NodeMask(labels, GRID), NodeSeparation.LABELS)

        assert (4, 8.0) == (four.label, four.volume_mm3)
        assert (300, 2.0) == (three_hundred.label, three_hundred.volume_mm3)
        assert (14, 19, 19) == three_hundred.voxels.shape

    def test_touching_labels_stay_apart(self):
        """Contact does not join different values, and the voxels are the mask's."""
        mask = mask_of((1, 5), (5, 8))
        for node in find_nodes(mask, NodeSeparation.LABELS):
            rebuilt = np.zeros(GRID.shape, dtype=bool)
            start = GRID.indices_at([node.geometry.origin_mm])[0].round().astype(int)
            rebuilt[tuple(slice(a, a + n) for a, n in zip(start, node.voxels.shape, strict=True))] = node.voxels
            assert_array_equal(mask.labels == node.label, rebuilt)


def test_an_empty_mask_has_no_nodes():
    """Nothing marked, no nodes, either way."""
    empty = NodeMask(np.zeros(GRID.shape, dtype=np.uint8), GRID)

    assert ((), ()) == tuple(find_nodes(empty, separation) for separation in NodeSeparation)


@pytest.mark.parametrize("separation", list(NodeSeparation))
def test_more_nodes_than_were_asked_for_are_refused(separation):
    """As many as were asked for are found; one more is an error that says how many are allowed."""
    mask = mask_of((1, 3), (5, 9), (12, 15))

    assert len(find_nodes(mask, separation, max_count=3)) == 3
    with pytest.raises(TooManyNodes, match="more than 2 nodes"):
        find_nodes(mask, separation, max_count=2)
