from dataclasses import replace

import numpy as np
import pytest

from imaging.geometry import Geometry
from tests.imaging.scenes import axis_orders, reordered
from tests.training.quality.scans import GRID
from training.quality.grid_rules import geometry_mismatch, other_grid

PART = GRID.cropped((slice(3, 9), slice(10, 31), slice(5, 40)))


@pytest.mark.parametrize("grid", [GRID, PART], ids=["whole", "part"])
def test_a_mask_on_the_voxels_of_its_ct_is_sound(grid):
    """However it is stored, and whether or not it was cut."""
    voxels = np.zeros(grid.shape, dtype=np.uint8)

    for order in axis_orders():
        _, stored = reordered(voxels, grid, order)
        assert geometry_mismatch(GRID, stored) is None
        assert other_grid(GRID, stored) is None


def test_a_mask_of_the_same_shape_elsewhere_is_a_mismatch():
    """A lost origin or spacing is seen at the corners."""
    x, y, z = GRID.origin_mm

    moved = geometry_mismatch(GRID, replace(GRID, origin_mm=(x + 7, y, z)))
    stretched = geometry_mismatch(GRID, replace(GRID, spacing_mm=(1.0, 1.0, 1.0)))

    assert "the corners of CT and mask are up to 7.0 mm apart" == moved
    assert "the corners of CT and mask are up to 19.5 mm apart" == stretched


def test_a_mask_from_another_series_is_seen():
    """Other spacing, or half a voxel aside: somebody drew on other slices."""
    x, y, z = PART.origin_mm

    assert other_grid(GRID, replace(PART, spacing_mm=(3.0, 1.0, 1.0))) is not None
    assert other_grid(GRID, replace(PART, spacing_mm=(4.0, 1.0, 1.0))) is not None
    assert other_grid(GRID, replace(PART, origin_mm=(x, y, z + 1))) is not None
    assert other_grid(GRID, Geometry((6, 21, 35), (2.0, 1.0, 1.0), (x - 50, y, z))) is None
