"""A node knows its volume, its centre and its box in the patient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from imaging.errors import InvalidMask
from imaging.geometry import Geometry
from imaging.node import Node
from tests.imaging.scenes import OBLIQUE

GRID = Geometry((2, 3, 4), (5.0, 2.0, 1.0), (10.0, 20.0, 30.0))


def test_volume_and_box_count_whole_voxels():
    """A filled grid has the volume and the box of its voxels, faces included."""
    node = Node(1, np.ones((2, 3, 4), dtype=bool), GRID)

    assert 240.0 == node.volume_mm3
    assert_allclose(node.box.size_mm, (4.0, 6.0, 10.0))
    assert_allclose(node.centroid_mm, (11.5, 22.0, 32.5))


def test_the_centroid_is_the_mean_of_the_voxel_centres():
    """The centre of mass is right on a tilted grid too."""
    grid = Geometry((5, 6, 7), (3.0, 1.0, 0.5), (-3.0, 8.0, 2.0), OBLIQUE)
    voxels = np.random.default_rng(0).random((5, 6, 7)) > 0.6

    node = Node(1, voxels, grid)
    assert_allclose(node.centroid_mm, grid.points_at(np.argwhere(voxels)).mean(axis=0), atol=1e-9)


def test_a_node_has_at_least_one_voxel():
    """Nothing marked is not a node."""
    with pytest.raises(InvalidMask, match="no voxel"):
        Node(3, np.zeros((2, 3, 4), dtype=bool), GRID)
