"""Axes in mm and density in HU, against bodies whose measures are known."""

import numpy as np
import pytest

from imaging.geometry import Geometry
from imaging.lattice import NodeLattice
from imaging.measurements import measure
from imaging.separation import find_nodes
from imaging.volume import Volume
from tests.imaging.scenes import ellipsoids, soft_tissue

GRID = Geometry((24, 60, 60), (1.5, 0.7, 0.7), (-20.0, -20.0, -17.0))


def measured(mask, volume=None):
    """The measurements of a mask's only node."""
    [node] = find_nodes(mask)
    return measure(node, NodeLattice.of(node, (0.79, 0.79, 0.79)), volume or soft_tissue(mask.geometry))


@pytest.mark.parametrize(("half_axes_mm", "expected_mm"), [((8.0, 4.0, 6.0), (16, 8)), ((6.0, 6.0, 6.0), (12, 12))])
def test_the_axes_of_an_ellipsoid(half_axes_mm, expected_mm):
    """Long and short axis are the ellipsoid's in its largest axial slice, to half a voxel."""
    found = measured(ellipsoids(GRID, ((1.0, 0.5, 0.2), half_axes_mm)))

    assert (found.long_axis_mm, found.short_axis_mm) == pytest.approx(expected_mm, abs=0.5)


def test_the_long_axis_follows_the_node_not_the_grid():
    """A bar drawn along the diagonal is measured along the diagonal."""
    points = GRID.points_at(np.indices(GRID.shape).reshape(3, -1).T)
    u, v = (points[:, 0] + points[:, 1]) / np.sqrt(2), (points[:, 0] - points[:, 1]) / np.sqrt(2)
    bar = (np.abs(u) < 9) & (np.abs(v) < 3) & (np.abs(points[:, 2]) < 5)
    mask = ellipsoids(GRID, ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))
    found = measured(type(mask)(bar.reshape(GRID.shape).astype(np.uint8), GRID))

    assert found.short_axis_mm == pytest.approx(6.0, abs=1.0)
    assert found.long_axis_mm == pytest.approx(np.hypot(18, 6), abs=1.0)


def test_density_is_taken_from_the_marked_voxels():
    """Mean and SD of HU are those of the CT's voxels under the mask."""
    mask, volume = ellipsoids(GRID, ((1.0, 0.5, 0.2), (8.0, 4.0, 6.0))), soft_tissue(GRID)
    inside = volume.hu[mask.labels > 0]

    found = measured(mask, volume)

    assert (found.mean_hu, found.sd_hu) == pytest.approx((inside.mean(), inside.std()), abs=1e-3)
    assert found.volume_mm3 == pytest.approx(len(inside) * 1.5 * 0.7 * 0.7)


def test_a_node_partly_outside_is_measured_where_there_is_ct():
    """Air beyond the CT does not count as density; wholly outside there is none."""
    mask = ellipsoids(GRID, ((1.0, 0.5, 0.2), (8.0, 4.0, 6.0)))
    flat = Volume(np.full(GRID.shape, 55, dtype=np.int16), GRID)
    half = flat.cropped((slice(0, 24), slice(0, 60), slice(0, 30)))
    away = Volume(flat.hu, Geometry(GRID.shape, GRID.spacing_mm, (500.0, 0.0, 0.0)))

    assert (55.0, 0.0) == (measured(mask, half).mean_hu, measured(mask, half).sd_hu)
    assert np.isnan(measured(mask, away).mean_hu)
