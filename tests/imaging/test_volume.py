"""A volume holds finite Hounsfield units that fill its grid."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from imaging.errors import InvalidVoxels
from imaging.geometry import Geometry
from imaging.volume import Volume

GRID = Geometry((2, 3, 4), (1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("hu", "says"),
    [
        (np.zeros((2, 3, 4), dtype=np.uint8), "int16 or float32"),
        (np.zeros((2, 3, 5), dtype=np.int16), "geometry says"),
        (np.full((2, 3, 4), np.nan, dtype=np.float32), "finite"),
        (np.full((2, 3, 4), np.inf, dtype=np.float32), "finite"),
    ],
)
def test_voxels_that_are_no_ct_are_refused(hu, says):
    """Type, shape and NaN are each named."""
    with pytest.raises(InvalidVoxels, match=says):
        Volume(hu, GRID)


def test_one_nan_among_many_values_is_found():
    """A single NaN does not hide among numbers."""
    hu = np.zeros((2, 3, 4), dtype=np.float32)
    hu[1, 2, 3] = np.nan

    with pytest.raises(InvalidVoxels, match="NaN"):
        Volume(hu, GRID)


def test_a_part_keeps_its_voxels_and_its_place():
    """Cropping takes the voxels and the geometry together."""
    volume = Volume(np.arange(24, dtype=np.int16).reshape(2, 3, 4), GRID)

    part = volume.cropped((slice(1, 2), slice(0, 3), slice(2, 4)))

    assert_array_equal(volume.hu[1:, :, 2:], part.hu)
    assert (2.0, 0.0, 1.0) == part.geometry.origin_mm
