"""Arrays become ITK images and come back at the same place."""

import numpy as np
import SimpleITK as sitk
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

from imaging.geometry import Geometry
from imaging.itk import array_from, geometry_of, image_from, resampled
from tests.imaging.scenes import OBLIQUE
from tests.imaging.test_geometry import geometries


@given(geometries())
def test_a_voxel_lies_where_itk_puts_it(grid):
    """Our index (k, j, i) and ITK's (i, j, k) name one LPS point."""
    image = image_from(np.zeros(grid.shape, dtype=np.uint8), grid)

    k, j, i = (n - 1 for n in grid.shape)
    assert_allclose(image.TransformIndexToPhysicalPoint((i, j, k)), grid.points_at([(k, j, i)])[0], atol=1e-6)


def test_voxels_and_geometry_come_back():
    """There and back changes nothing."""
    grid = Geometry((3, 4, 5), (3.0, 0.8, 0.7), (1.0, -2.0, 3.0), OBLIQUE)
    voxels = np.arange(60, dtype=np.int16).reshape(3, 4, 5)

    image = image_from(voxels, grid)

    assert_array_equal(voxels, array_from(image))
    back = geometry_of(image)
    assert (grid.shape, grid.spacing_mm, grid.origin_mm) == (back.shape, back.spacing_mm, back.origin_mm)
    assert_allclose(grid.direction, back.direction)


def test_resampling_onto_the_same_grid_changes_nothing():
    """Linear interpolation at the voxel centres gives the voxels, and the outside value beyond."""
    grid = Geometry((3, 4, 5), (3.0, 0.8, 0.7))
    voxels = np.random.default_rng(0).normal(size=grid.shape).astype(np.float32)
    wider = Geometry((3, 4, 7), grid.spacing_mm)

    read = resampled(voxels, grid, wider, sitk.sitkLinear, outside=-1024.0)

    assert_allclose(read[:, :, :5], voxels, atol=1e-6)
    assert (read[:, :, 6] == -1024.0).all()
