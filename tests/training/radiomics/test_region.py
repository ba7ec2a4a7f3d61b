"""A node's own region in Hounsfield units."""

import numpy as np

from imaging.geometry import Geometry
from imaging.lattice import NodeLattice
from imaging.node import Node
from imaging.volume import Volume
from training.radiomics.region import NodeRegion

GRID = Geometry((20, 20, 20), (1.0, 1.0, 1.0))
SPACING_MM = (1.0, 1.0, 1.0)


def node_at(start, size, spacing_mm=(1.0, 1.0, 1.0)):
    """A box of voxels whose first one is at an LPS point."""
    return Node(1, np.ones(size, dtype=bool), Geometry(size, spacing_mm, start))


def ramp():
    """A CT whose HU are ten times the height in mm."""
    z = np.arange(20)[:, None, None]
    return Volume(np.broadcast_to(10 * z, GRID.shape).astype(np.int16), GRID)


def test_hounsfield_units_are_read_as_they_are():
    """No window, and no network's input, comes between the CT and its features."""
    region = NodeRegion.of(ramp(), NodeLattice.of(node_at((8.0, 8.0, 5.0), (5, 5, 5)), SPACING_MM))

    assert 125 == np.count_nonzero(region.mask)
    np.testing.assert_allclose(sorted(region.hu[region.inside]), np.repeat([50, 60, 70, 80, 90], 25), atol=1e-3)


def test_a_node_at_the_edge_counts_as_far_as_the_ct_goes():
    """Its shape is whole; of its HU there are those inside, and no air is made up."""
    region = NodeRegion.of(ramp(), NodeLattice.of(node_at((8.0, 8.0, -2.0), (5, 5, 5)), SPACING_MM))

    assert 125 == np.count_nonzero(region.mask)
    assert 75 == np.count_nonzero(region.inside)
    assert region.hu[region.inside].min() >= 0


def test_a_node_thinner_than_the_lattice_is_not_lost():
    """Where no point of the lattice is half filled, the fullest ones are taken."""
    lattice = NodeLattice.of(node_at((8.0, 8.0, 5.0), (1, 1, 1), (0.2, 0.2, 0.2)), SPACING_MM)

    assert NodeRegion.of(ramp(), lattice).mask.any()
