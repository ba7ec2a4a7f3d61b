"""CTs and masks of SimpleITK images."""

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_array_equal

from imaging.errors import InvalidMask
from imaging.geometry import Geometry
from imaging.images import mask_of, volume_of
from imaging.itk import image_from
from tests.imaging.scenes import OBLIQUE

GRID = Geometry((3, 4, 5), (2.0, 0.8, 0.7), (10.0, -20.0, 5.0), OBLIQUE)


@pytest.mark.parametrize(("stored", "kept"), [(np.int32, np.int16), (np.float64, np.float32)])
def test_a_ct_keeps_its_values_and_its_place(stored, kept):
    """Whole numbers that fit become int16, everything else float32; there and back nothing moves."""
    hu = np.arange(60, dtype=stored).reshape(GRID.shape)
    volume = volume_of(image_from(hu, GRID))

    assert kept == volume.hu.dtype
    assert_array_equal(volume.hu, hu)
    assert np.allclose(volume.geometry.points_at([(2, 3, 4)]), GRID.points_at([(2, 3, 4)]))


def test_a_mask_keeps_its_labels():
    """Of whatever type they were stored."""
    labels = np.zeros(GRID.shape, np.float32)
    labels[1, 2, 3] = 300
    mask = mask_of(image_from(labels, GRID))

    assert np.uint16 == mask.labels.dtype
    assert 300 == mask.labels[1, 2, 3]


@pytest.mark.parametrize("value", [0.5, -1.0, 70000.0])
def test_what_is_no_label_is_refused(value):
    """A probability map is no mask."""
    with pytest.raises(InvalidMask, match="whole numbers"):
        mask_of(sitk.GetImageFromArray(np.full((2, 2, 2), value)))
