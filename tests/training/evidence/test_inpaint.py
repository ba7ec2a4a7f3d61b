"""Painting a region out."""

import numpy as np
import pytest

from training.evidence.inpaint import painted_out

ROWS, COLUMNS = np.indices((20, 24))
DISC = (ROWS - 9) ** 2 + (COLUMNS - 12) ** 2 < 25


def test_a_slope_goes_on_through_the_hole():
    """A plane with a constant slope is harmonic: painting out what stands on it gives it back."""
    slope = (0.01 * ROWS + 0.02 * COLUMNS).astype(np.float32)

    painted = painted_out(np.where(DISC, 1.0, slope).astype(np.float32), DISC)

    np.testing.assert_allclose(painted, slope, atol=1e-6)


def test_nothing_else_changes_and_nothing_exceeds_what_surrounds():
    """Outside the region not one pixel moves; inside, values lie between those around it."""
    plane = np.random.default_rng(0).random((20, 24), dtype=np.float32)

    painted = painted_out(plane, DISC)

    assert np.array_equal(plane[~DISC], painted[~DISC])
    assert plane[~DISC].min() <= painted[DISC].min() < painted[DISC].max() <= plane[~DISC].max()


def test_a_region_at_the_rim_is_painted_from_within():
    """Columns that end the plane take over the values beside them."""
    plane, region = np.full((6, 6), 0.3, dtype=np.float32), np.indices((6, 6))[1] > 3
    plane[region] = 0.9

    assert painted_out(plane, region) == pytest.approx(np.full((6, 6), 0.3))


@pytest.mark.parametrize("whole", [True, False])
def test_without_surroundings_or_region_the_plane_stays(whole):
    """There is nothing to paint from, or nothing to paint."""
    plane = np.random.default_rng(1).random((5, 5), dtype=np.float32)

    assert np.array_equal(plane, painted_out(plane, np.full((5, 5), whole)))
