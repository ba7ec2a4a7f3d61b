"""Means over nodes of which some have no value."""

import numpy as np

from imaging.roc import Estimate, mean_with_interval
from training.evidence.measured import is_above, mean_of, over_last_axis


def test_nodes_without_a_value_are_left_out():
    """The mean and its interval are those of the nodes that have a value."""
    assert mean_with_interval([1.0, 4.0], ["a", "c"]) == mean_of([1.0, np.nan, 4.0], ["a", "b", "c"])


def test_no_value_gives_no_mean():
    """Nothing is made up where there is nothing."""
    assert mean_of([np.nan, np.nan], ["a", "b"]) is None
    assert mean_of([], []) is None


def test_draws_without_a_value_are_left_out():
    """A node counts with the draws in which it has a value."""
    means = over_last_axis(np.array([[1.0, 3.0], [np.nan, 5.0], [np.nan, np.nan]]))

    np.testing.assert_array_equal([2.0, 5.0, np.nan], means)


def test_above_means_the_whole_interval():
    """A value above a bound does not do, nor does none."""
    assert is_above(Estimate(2.0, 1.1, 3.0), 1.0)
    assert not is_above(Estimate(2.0, 1.0, 3.0), 1.0)
    assert not is_above(None, 1.0)
