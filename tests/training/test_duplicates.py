import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from imaging.interpolation import read_rows_and_columns
from training.duplicates import find_duplicates

SIDE = 64


def scenes(count, seed=0):
    """Crops with a bright node in the middle and random surroundings, (count, 3, 64, 64)."""
    rng = np.random.default_rng(seed)
    texture = gaussian_filter(rng.normal(size=(count, 3, SIDE, SIDE)), (0, 1, 2, 2))
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    node = np.exp(-(x**2 + y**2) / 128)
    return np.clip(0.3 + texture * 1.5 + 0.3 * node, 0.01, 0.99).astype(np.float32)


def copied(crops, scale, shift, seed=1):
    """The crops once more, moved by pixels, scaled around their centre and with other noise of 10 HU."""
    places = (np.arange(SIDE) - (SIDE - 1) / 2) * scale + (SIDE - 1) / 2
    moved = read_rows_and_columns(crops, places + shift[0], places + shift[1])
    return np.clip(moved + np.random.default_rng(seed).normal(0, 0.03, crops.shape), 0, 1).astype(np.float32)


def pairs(crops, patients):
    """The places of what was found."""
    return [(found.first, found.second) for found in find_duplicates(crops, patients)]


@pytest.mark.parametrize(
    ("scale", "shift"),
    [(1.0, (0.0, 0.0)), (1.0, (2.0, -1.5)), (0.95, (0.0, 1.0)), (1.05, (-2.0, 2.0))],
)
def test_a_copy_is_found(scale, shift):
    """A crop that was moved, scaled a little and given other noise is known again; others are not."""
    crops = scenes(6)

    found = pairs(np.concatenate([crops, copied(crops, scale, shift)]), list(range(12)))

    assert [(n, n + 6) for n in range(6)] == found


def test_distinct_nodes_are_no_duplicates():
    """Nodes of the same shape in other surroundings are different ones."""
    assert [] == pairs(scenes(40), list(range(40)))


def test_the_same_pixels_are_surely_one_node():
    """Equal crops have likeness 1, also where rounding has touched them."""
    crops = scenes(2)
    rounded = (crops[:1] + np.float32(0.001)).astype(np.float32)

    [found] = find_duplicates(np.concatenate([crops, rounded]), ["a", "b", "c"])

    assert (0, 2, 1.0) == (found.first, found.second, found.likeness)


def test_a_patients_own_nodes_are_not_compared():
    """What is in one patient is in one part anyhow."""
    crops = scenes(1)

    assert [] == pairs(np.concatenate([crops, crops]), ["a", "a"])


def test_blobs_on_nothing_are_not_alike():
    """Small round nodes on black look all the same: only equal pixels make them one."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    radii = np.array([5.0, 5.6, 5.0])[:, None, None]
    crops = np.clip(radii - np.hypot(x, y), 0, 1).astype(np.float32)[:, None]

    assert [(0, 2)] == pairs(crops, ["a", "b", "c"])


def test_crops_of_one_value_say_nothing():
    """Two black crops are no evidence of one node."""
    assert [] == pairs(np.zeros((2, 3, SIDE, SIDE), np.float32), ["a", "b"])


def test_without_crops_there_are_no_duplicates():
    """An empty cohort is no error."""
    assert [] == pairs(np.zeros((0, 3, SIDE, SIDE), np.float32), [])
