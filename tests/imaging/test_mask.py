"""A mask holds labels on a grid of its own."""

import numpy as np
import pytest

from imaging.errors import InvalidMask
from imaging.geometry import Geometry
from imaging.mask import NodeMask, occupied_region, require_values

GRID = Geometry((4, 5, 6), (1.0, 1.0, 1.0))


def test_the_occupied_region_is_the_smallest():
    """The region starts at the first and ends after the last label, on each axis."""
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    labels[1, 2, 3] = labels[2, 2, 5] = 7

    assert (slice(1, 3), slice(2, 3), slice(3, 6)) == NodeMask(labels, GRID).occupied()


def test_an_empty_mask_occupies_nothing():
    """No label, no region."""
    assert occupied_region(np.zeros((4, 5, 6), dtype=np.uint16)) is None


@pytest.mark.parametrize(
    ("labels", "says"),
    [(np.zeros((4, 5, 6), dtype=np.int16), "uint8"), (np.zeros((4, 5, 7), dtype=np.uint8), "geometry says")],
)
def test_other_types_and_shapes_are_refused(labels, says):
    """Labels are uint8 or uint16 and fill their grid."""
    with pytest.raises(InvalidMask, match=says):
        NodeMask(labels, GRID)


def test_wanted_values_must_be_there():
    """What is absent is named, with what there is."""
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    labels[0, 0, :2] = 3, 1
    mask = NodeMask(labels, GRID)

    require_values(mask, [1, 3], "label")
    with pytest.raises(InvalidMask, match="no label 4, 2; it has 1, 3"):
        require_values(mask, [4, 1, 2], "label")
    with pytest.raises(InvalidMask, match="no value 1; it has none at all"):
        require_values(NodeMask(np.zeros_like(labels), GRID), [1], "value")
