import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.cases import read_cohort
from training.extents import enclosing_side_mm, in_plane_extents_mm
from training.scan import scans_of


def test_an_extent_is_the_longer_axial_side(cohort_csv):
    """The extent along z does not count: a box is axial."""
    cases = read_cohort(cohort_csv).cases[:3]

    extents = in_plane_extents_mm(cases)

    marked = [np.ptp(node.points_mm(), axis=0) for scan in scans_of(cases) for node in scan.nodes()]
    assert pytest.approx(sorted(max(x, y) + 1.0 for x, y, _ in marked)) == extents


@given(st.lists(st.floats(1.0, 80.0), min_size=1, max_size=200))
def test_the_side_is_the_smallest_that_encloses_95_percent(extents):
    """The side fits 95 % of the nodes, and one that is 0.01 mm shorter does not."""
    side_mm = enclosing_side_mm(extents)

    assert np.mean(np.array(extents) <= side_mm + 1e-6) >= 0.95
    assert np.mean(np.array(extents) <= side_mm - 0.0101) < 0.95
