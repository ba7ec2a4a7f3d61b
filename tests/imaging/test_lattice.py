"""A node on the spec's grid is centred, odd and complete."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from imaging.errors import InvalidMask
from imaging.geometry import Geometry
from imaging.lattice import HALF, NodeLattice, centred_grid
from imaging.node import Node


def ball(radius_mm, spacing_mm):
    """A ball-shaped node on its own grid."""
    reach = [int(np.ceil(radius_mm / step)) for step in spacing_mm]
    offsets = np.meshgrid(*[np.arange(-r, r + 1) * s for r, s in zip(reach, spacing_mm, strict=True)], indexing="ij")
    voxels = sum(o**2 for o in offsets) <= radius_mm**2
    return Node(1, voxels, Geometry(voxels.shape, spacing_mm))


@pytest.mark.parametrize(("spacing_mm", "share"), [((0.7, 0.7, 0.7), 0.03), ((2.5, 0.8, 0.8), 0.07)])
def test_the_volume_survives_resampling(spacing_mm, share):
    """The lattice holds as much of the node as the mask did; of thick slices the spline rounds the ends off."""
    node = ball(7.0, spacing_mm)

    lattice = NodeLattice.of(node, (0.79, 0.79, 0.79))

    assert (lattice.occupancy >= HALF).sum() * 0.79**3 == pytest.approx(node.volume_mm3, rel=share)


def test_the_lattice_encloses_the_node():
    """No part of the node reaches the lattice's border."""
    inside = NodeLattice.of(ball(6.0, (3.0, 0.7, 0.7)), (0.79, 0.79, 0.79)).occupancy >= HALF

    shell = inside.copy()
    shell[1:-1, 1:-1, 1:-1] = False
    assert inside.any()
    assert not shell.any()


def test_of_equal_slices_the_middle_one_is_the_largest():
    """Equal slices are told apart by their distance from the middle, and two equally near by the head."""
    plane = np.ones((3, 3), dtype=np.float32)

    for filled, expected in [((1, 2, 3), 0), ((0, 1, 3, 4), 1), ((0, 4), 2), ((0, 1), -1)]:
        occupancy = np.stack([plane * (n in filled) for n in range(5)])
        assert expected == NodeLattice(occupancy, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)).largest_slice


def test_a_frame_larger_than_the_lattice_is_empty_around_it():
    """The node stays in the middle of whatever frame it is put in."""
    lattice = NodeLattice.of(ball(4.0, (0.8, 0.8, 0.8)), (0.79, 0.79, 0.79))

    wide, narrow = lattice.plane_in(0, (41, 41)), lattice.plane_in(0, (5, 5))

    assert_allclose(wide[18:23, 18:23], narrow)
    assert 0.0 == wide[:, :10].max()
    assert 0.0 == lattice.plane_in(99, (5, 5)).max()


def test_a_thread_finer_than_the_lattice_can_vanish():
    """A node that no sample meets is empty, which preprocessing reports as too small."""
    thread = Node(1, np.ones((1, 1, 400), dtype=bool), Geometry((1, 1, 400), (0.2, 0.2, 0.2)))

    assert not NodeLattice.of(thread, (0.79, 0.79, 0.79)).empty
    assert NodeLattice(np.full((3, 3, 3), 0.4, np.float32), (0.0,) * 3, (1.0,) * 3).empty


def test_a_centred_grid_has_its_middle_where_it_was_asked():
    """The centre of an even or odd grid is the given point."""
    assert_allclose(centred_grid((3, 4, 5), (2.0, 1.0, 0.5), (7.0, 8.0, 9.0)).box.centre_mm, (7.0, 8.0, 9.0))


@pytest.mark.parametrize(
    ("shape", "spacing_mm"), [((5, 5, 5), (300.0, 300.0, 300.0)), ((1, 1, 2**19), (0.5, 0.5, 0.5))], ids=["box", "line"]
)
def test_what_is_no_node_by_its_size_is_refused(shape, spacing_mm):
    """A wrong spacing, or a line across a huge grid, would ask for more memory than there is."""
    with pytest.raises(InvalidMask, match="which is no lymph node"):
        NodeLattice.of(Node(1, np.ones(shape, bool), Geometry(shape, spacing_mm)), (0.79, 0.79, 0.79))
