"""The Hounsfield units inside a node."""

import numpy as np
import pytest

from tests.training.radiomics.phantom import GREY, INSIDE, noisy
from training.radiomics.intensity import BIN_HU, CODES, entropy_bits, intensity_features, levels


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("mean_hu", "2.15"),
        ("variance_hu2", "3.05"),
        ("skewness", "1.08"),
        ("excess_kurtosis", "-0.355"),
        ("p10_hu", "1"),
        ("p90_hu", "4"),
        ("interquartile_range_hu", "3"),
        ("histogram_entropy", "1.27"),
        ("histogram_uniformity", "0.512"),
    ],
)
def test_the_digital_phantom_has_its_published_values(name, published):
    """IBSI's phantom gives IBSI's values, in the three digits that are published."""
    assert published == f"{intensity_features(GREY, INSIDE, bin_hu=1)[name]:.3g}"


def test_a_shift_moves_the_place_and_nothing_else():
    """Ten bins more HU raise mean and percentiles by as much, and leave spread, form and histogram."""
    hu, inside = noisy()
    shift = 10 * BIN_HU
    before, after = intensity_features(hu, inside), intensity_features(hu + shift, inside)
    moved = {name: value + (shift if name in ("mean_hu", "p10_hu", "p90_hu") else 0) for name, value in before.items()}

    assert moved == pytest.approx(after)


def test_only_the_node_counts():
    """What lies around the node has no say, be it NaN."""
    hu, inside = noisy()

    assert intensity_features(hu, inside) == intensity_features(np.where(inside, hu, np.nan), inside)


def test_a_flat_node_has_no_form():
    """Where all values are equal but for rounding, skewness and kurtosis are 0 and not noise."""
    _, inside = noisy()
    hu = np.full(inside.shape, 40.0) + 1e-6 * np.random.default_rng(0).normal(size=inside.shape)
    found = intensity_features(hu, inside)

    assert (0.0, 0.0) == (found["skewness"], found["excess_kurtosis"])
    assert (0.0, 1.0) == (found["histogram_entropy"], found["histogram_uniformity"])
    assert list(CODES) == list(found)


def test_bins_start_at_multiples_of_their_width():
    """A bin means the same in every node."""
    assert [-2, -1, 0, 0, 1] == levels(np.array([-25.1, -25.0, 0.0, 24.9, 25.0]), 25.0).tolist()


def test_entropy_counts_bits():
    """Eight equal shares are three bits, one share is none."""
    assert 3 == entropy_bits(np.full(8, 5))
    assert 0 == entropy_bits(np.array([7]))
