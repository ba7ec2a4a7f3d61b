"""The nodes on which a network must show where it looks."""

import numpy as np

from tests.training.configs import SPEC
from tests.training.evidence.scenes import disc_crops
from training.evidence.nodes import HeldOutNodes, distances_mm


def test_distances_are_in_mm_along_each_axis():
    """A pixel two rows, two columns or one slice away is as far as the spacing says."""
    mask = np.zeros((3, 7, 7), dtype=bool)
    mask[1, 3, 3] = True

    found = distances_mm(mask, (2.5, 0.5, 0.25))

    assert [0.0, 1.0, 0.5, 2.5] == [found[1, 3, 3], found[1, 5, 3], found[1, 3, 1], found[0, 3, 3]]


def test_a_crop_without_its_node_is_far_from_it():
    """Nothing is near what is not there."""
    assert np.isinf(distances_mm(np.zeros((1, 4, 4), dtype=bool), (1.0, 1.0, 1.0))).all()


def test_rows_are_taken_with_all_that_belongs_to_them():
    """Pixels, masks, labels and patients are those of the rows asked for; distances are 0 on the masks only."""
    crops = disc_crops(6)

    nodes = HeldOutNodes.of(crops, [1, 4], SPEC)

    assert np.array_equal(crops.pixels[[1, 4]], nodes.pixels)
    assert np.array_equal(crops.node_masks[[1, 4]], nodes.distances_mm == 0)
    assert [1, 0] == nodes.labels.tolist()
    assert ["p0", "p2"] == nodes.patients.tolist()
