import numpy as np
import pytest

from training.labels.trust import LEAST, trust


def test_what_was_reviewed_counts_in_full():
    """The others count by how much of a right label each is worth."""
    assert [pytest.approx(0.36), 1.0, pytest.approx(0.36)] == trust({1}, 3, 0.2).tolist()


@pytest.mark.parametrize("noise", [0.5, 0.7])
def test_labels_that_tell_nothing_still_count_a_little(noise):
    """Above one half, noise is no knowledge of the contrary."""
    assert [LEAST, 1.0] == trust({1}, 2, noise).tolist()


def test_labels_without_noise_count_in_full():
    """Where controls found no error, nothing is distrusted."""
    np.testing.assert_array_equal(np.ones(4), trust({0}, 4, 0.0))
