"""Shapes in the patient."""

import numpy as np
import pytest

from training.phantoms.shapes import LumpyEllipsoid, Ripple, Tube, region_around


def points(count=4000, reach=20.0):
    """Random places."""
    return np.random.default_rng(0).uniform(-reach, reach, (count, 3)).astype(np.float32)


def test_ripples_are_centred_and_scaled():
    """Over many ripples the mean is 0 and the SD 1."""
    rng = np.random.default_rng(1)
    values = np.concatenate([Ripple.draw(rng, 3.0).at(points(200)) for _ in range(100)])

    assert values.mean() == pytest.approx(0, abs=0.05)
    assert values.std() == pytest.approx(1, abs=0.05)


def test_tubes_are_measured_from_their_axis():
    """Along the axis nothing changes; across it the distance counts."""
    tube = Tube(np.array([1.0, 2.0, 0.0], np.float32), np.array([0.0, 0.0, 1.0], np.float32), 3.0)

    np.testing.assert_allclose(tube.distance_mm(np.array([[1, 2, 50], [4, 6, -7]], np.float32)), [0, 5], atol=1e-5)


def test_a_smooth_ellipsoid_is_one():
    """Without roughness, depth 1 is the ellipsoid's surface."""
    shape = LumpyEllipsoid(
        np.zeros(3, np.float32),
        np.eye(3, dtype=np.float32),
        np.array([8, 5, 3], np.float32),
        Ripple.draw(np.random.default_rng(0), 1),
        0.0,
    )

    np.testing.assert_allclose(shape.depth(np.array([[8, 0, 0], [0, -5, 0], [0, 0, 6]], np.float32)), [1, 1, 2])


def test_bumps_stay_within_reach():
    """Nothing of a rough node lies beyond what it says it reaches."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        shape = LumpyEllipsoid(
            np.zeros(3, np.float32),
            np.eye(3, dtype=np.float32),
            np.array([8, 5, 6], np.float32),
            Ripple.draw(rng, 1.3),
            0.2,
        )
        places = points(reach=25.0)
        assert np.linalg.norm(places[shape.depth(places) <= 1], axis=1).max() <= shape.reach_mm


def test_a_region_holds_what_is_near():
    """Of a grid the part within reach on every axis is cut; beyond the grid there is none."""
    z, y, x = np.meshgrid(np.arange(4), np.arange(5), np.arange(6), indexing="ij")
    grid = np.stack([x, y, z], axis=-1).astype(np.float32)

    assert (slice(0, 2), slice(1, 4), slice(4, 6)) == region_around(grid, np.array([5, 2, 0], np.float32), 1.0)
    assert 0 == grid[region_around(grid, np.array([5, 20, 0], np.float32), 1.0)].size
