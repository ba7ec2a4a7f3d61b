"""What the crops would show without the node, and around another one's."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.evidence.scenes import FAT, SIDE, disc_crops, held_out
from training.evidence.repainted import DONOR_COUNT, PAINT_MARGIN_MM, repainted


@pytest.fixture(scope="module")
def nodes():
    """Twelve nodes of six patients, with marks."""
    return held_out(disc_crops(12, marked=True))


@pytest.fixture(scope="module")
def painted(nodes):
    """The same, painted."""
    return repainted(nodes)


def test_the_node_is_gone_and_all_else_is_there(nodes, painted):
    """Where a node was there is fat; farther than the margin not one pixel has changed."""
    assert painted.possible.all()
    assert FAT == pytest.approx(painted.removed[nodes.node_masks].mean(), abs=0.01)
    far = nodes.distances_mm > PAINT_MARGIN_MM
    assert np.array_equal(nodes.pixels[far], painted.removed[far])
    assert np.array_equal(nodes.node_masks, nodes.node_masks & painted.regions)


def test_as_much_is_painted_elsewhere(nodes, painted):
    """On each slice as many pixels change as the node's region has, and none of that region."""
    changed = painted.elsewhere != nodes.pixels

    assert not (changed & painted.regions).any()
    counts, wanted = changed.sum(axis=(2, 3)), painted.regions.sum(axis=(2, 3))
    assert (np.abs(counts - wanted) <= 2).all()


def test_a_swap_keeps_the_node_and_takes_the_background(nodes, painted):
    """Inside the region pixels are the node's own, outside they are a donor's without its node."""
    for background in range(DONOR_COUNT):
        swapped, donors = painted.swapped(background), painted.donors[:, background]
        assert np.array_equal(nodes.pixels[painted.regions], swapped[painted.regions])
        assert np.array_equal(painted.removed[donors][~painted.regions], swapped[~painted.regions])


def test_donors_are_other_patients_of_the_other_label(nodes, painted):
    """A background that gives the label away can be found out only so."""
    assert (nodes.labels[painted.donors] != nodes.labels[:, None]).all()
    assert (nodes.patients[painted.donors] != nodes.patients[:, None]).all()


def test_a_seed_chooses_the_donors(nodes, painted):
    """The same seed gives the same backgrounds, another one does not."""
    assert np.array_equal(painted.donors, repainted(nodes).donors)
    assert not np.array_equal(painted.donors, repainted(nodes, seed=1).donors)


def test_a_node_that_fills_its_crop_is_left_as_it_was(nodes):
    """Where there is no room to paint elsewhere nothing is painted, and it gives no background."""
    distances = nodes.distances_mm.copy()
    distances[3] = 0.0

    painted = repainted(replace(nodes, distances_mm=distances))

    assert [3] == np.flatnonzero(~painted.possible).tolist()
    assert np.array_equal(nodes.pixels[3], painted.removed[3])
    assert np.array_equal(nodes.pixels[3], painted.elsewhere[3])
    assert [-1] * DONOR_COUNT == painted.donors[3].tolist()
    assert np.array_equal(nodes.pixels[3], painted.swapped(0)[3])
    assert 3 not in painted.donors[[0, 1, 2, *range(4, 12)]]


def test_without_the_other_label_there_are_no_donors(nodes):
    """Nodes of one label cannot be swapped."""
    painted = repainted(replace(nodes, labels=np.zeros(12, dtype=np.int64)))

    assert (painted.donors == -1).all()
    assert (12, 3, SIDE, SIDE) == painted.swapped(0).shape
