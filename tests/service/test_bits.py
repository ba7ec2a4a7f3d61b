"""Masks of one bit a voxel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from imaging.mask import occupied_region
from service.bits import packed_shape, unpacked


def packed(labels):
    """The bits of a mask."""
    return np.packbits(labels.astype(bool), bitorder="little")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(1, 9)] * 3), st.floats(0.01, 0.5))
def test_the_part_is_what_the_mask_marks(seed, shape, density):
    """Whatever the grid, the part is the mask's smallest region that holds all its labels."""
    labels = (np.random.default_rng(seed).random(shape) < density).astype(np.uint8)
    part, region = unpacked(packed(labels), shape)

    assert packed_shape(shape)[2] == len(packed(labels))
    if labels.any():
        assert occupied_region(labels) == region
    assert_array_equal(labels[region], part)


def test_slabs_that_begin_inside_a_byte():
    """A large mask, whose slices do not end with bytes, is put together from its slabs."""
    labels = np.zeros((5, 1501, 1501), dtype=np.uint8)
    labels[1, 700, 3] = labels[4, 1500, 1500] = 1
    part, region = unpacked(packed(labels), labels.shape)

    assert (slice(1, 5), slice(700, 1501), slice(3, 1501)) == region
    assert_array_equal(labels[region], part)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 7)])
def test_where_nothing_is_marked_one_voxel_is_left(shape):
    """A grid needs a voxel; it is empty."""
    part, region = unpacked(packed(np.zeros(shape)), shape)

    assert (1, 1, 1) == part.shape
    assert not part.any()
    assert (slice(0, 1),) * 3 == region


def test_bits_are_padded_to_a_byte():
    """Nine bits take two bytes, the least significant first."""
    part, _ = unpacked(np.array([0b00000101, 0b00000001], dtype=np.uint8), (1, 3, 3))

    assert [1, 0, 1, 0, 0, 0, 0, 0, 1] == part.ravel().tolist()
