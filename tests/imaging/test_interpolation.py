"""Linear interpolation reads between samples and is constant beyond them."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.interpolate import RegularGridInterpolator

from imaging.interpolation import centred_positions, read_at, read_rows_and_columns

VALUES = np.random.default_rng(0).normal(size=(3, 5, 6))


def test_trilinear_reading_agrees_with_scipy():
    """Inside the array, the values are SciPy's."""
    places = np.random.default_rng(1).uniform(0, [2, 4, 5], (200, 3))
    reference = RegularGridInterpolator([np.arange(n) for n in VALUES.shape], VALUES)

    assert_allclose(read_at(VALUES, places), reference(places), atol=1e-6)


def test_beyond_the_last_sample_its_value_goes_on():
    """Outside, the nearest sample is read."""
    assert_allclose(read_at(VALUES, np.asarray([[-3.0, 2.0, 9.0]])), [VALUES[0, 2, 5]], atol=1e-6)


def test_a_single_plane_can_be_read():
    """An axis with one sample is constant."""
    assert_allclose(read_at(VALUES[:1], np.asarray([[4.0, 1.5, 2.0]])), VALUES[0, 1:3, 2].mean(), atol=1e-6)


def test_rows_and_columns_are_read_plane_by_plane():
    """The separable reading equals the trilinear one on each plane."""
    rows, columns = np.asarray([0.2, 3.9]), np.asarray([-1.0, 2.5, 5.0])
    places = np.stack(np.meshgrid(np.arange(3), rows, columns, indexing="ij"), axis=-1).reshape(-1, 3)

    assert_allclose(read_rows_and_columns(VALUES, rows, columns).ravel(), read_at(VALUES, places), atol=1e-6)


def test_target_pixels_tile_the_source():
    """Twice as many pixels lie a quarter source pixel beside the centres, and ends are symmetric."""
    assert_allclose(centred_positions(2, 4), [-0.25, 0.25, 0.75, 1.25])
    assert_allclose(centred_positions(5, 5), np.arange(5))
