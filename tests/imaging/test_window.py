"""A window stretches a range of HU over [0, 1]."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from imaging.errors import InvalidSpec
from imaging.window import Window

PAPER = Window(lower_hu=-135.0, upper_hu=215.0)


def test_the_limits_become_0_and_1():
    """LINEAR_EXACT: the limits themselves are 0 and 1, the middle is one half, the rest is clipped."""
    hu = np.asarray([-1024, -135, 40, 215, 3071], dtype=np.int16)

    assert_allclose(PAPER.applied_to(hu), [0, 0, 0.5, 1, 1])


@given(st.lists(st.floats(-2000, 4000, width=32), min_size=2))
def test_the_order_of_values_is_kept(values):
    """More HU never becomes less."""
    windowed = PAPER.applied_to(np.sort(np.asarray(values, dtype=np.float32)))

    assert (np.diff(windowed) >= 0).all()


@pytest.mark.parametrize("limits", [(10.0, 10.0), (10.0, -10.0), (float("nan"), 10.0)])
def test_a_window_without_width_is_refused(limits):
    """The upper limit must be above the lower."""
    with pytest.raises(InvalidSpec, match="window"):
        Window(*limits)
