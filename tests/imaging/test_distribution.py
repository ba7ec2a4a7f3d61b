"""What data were like, and how far others are from that."""

import numpy as np
import pytest

from imaging.distribution import Distribution, Feature, ct_features, node_features
from imaging.errors import InvalidManifest
from imaging.measurements import NodeMeasurements

RNG_SEED = 5


def drawn(count, mean=0.0, seed=RNG_SEED):
    """Normal values."""
    return np.random.default_rng(seed).normal(mean, 1.0, count)


def test_bins_hold_a_tenth_each():
    """Deciles, and an empty bin on either side for what was never seen."""
    distribution = Distribution.of(Feature.MEAN_HU, drawn(1000))

    assert (0, *[100] * 10, 0) == distribution.counts
    assert distribution.edges[0] < drawn(1000).min() < drawn(1000).max() < distribution.edges[-1]


def test_ties_share_a_bin():
    """Half of the values are equal: they are in one bin, and a value a little off stays with them."""
    distribution = Distribution.of(Feature.SPACING_Z, [1.0] * 50 + [2.0] * 25 + [5.0] * 25)

    assert (0, 50, 25, 25, 0) == distribution.counts
    assert distribution.drift([1.0000001] * 50 + [1.999] * 25 + [5.0] * 25) == 0


def test_alike_data_have_no_drift():
    """Other draws from one population stay well below .1."""
    distribution = Distribution.of(Feature.MEAN_HU, drawn(400))

    assert max(distribution.drift(drawn(500, seed=seed)) for seed in range(20)) < 0.1


def test_chance_is_taken_off():
    """Over many draws of 100 values the index is about 0 in the middle, where the plain one would be above .1."""
    distribution = Distribution.of(Feature.MEAN_HU, drawn(400))

    assert np.median([distribution.drift(drawn(100, seed=seed)) for seed in range(100)]) < 0.02


def test_another_population_is_told():
    """One standard deviation, or a value that training never had, is above .25."""
    assert Distribution.of(Feature.MEAN_HU, drawn(400)).drift(drawn(100, mean=1.0, seed=0)) > 0.25
    assert Distribution.of(Feature.SPACING_Z, [1.25] * 30).drift([5.0] * 100) > 0.25


def test_the_index_is_siddiqis():
    """For two bins of known shares it is the sum over both, less chance."""
    distribution = Distribution("mean_hu", (0.0,), (4999, 5000 - 1))
    index = (0.8 - 0.5) * np.log(0.8 / 0.5) + (0.2 - 0.5) * np.log(0.2 / 0.5)

    assert index == pytest.approx(distribution.drift([-1.0] * 8000 + [1.0] * 2000), abs=1e-3)


def test_what_is_no_number_is_not_counted():
    """A node beyond its CT has no density."""
    assert 2 == sum(Distribution.of(Feature.MEAN_HU, [1.0, float("nan"), 2.0]).counts)


@pytest.mark.parametrize(
    ("edges", "counts"),
    [((1.0, 1.0), (1, 1, 1)), ((1.0,), (1,)), ((1.0,), (-1, 2)), ((1.0,), (0, 0)), ((float("nan"),), (1, 1))],
)
def test_impossible_counts_are_refused(edges, counts):
    """Edges that do not ascend, and counts that do not fit them or count nothing."""
    with pytest.raises(InvalidManifest, match="distribution of mean_hu"):
        Distribution("mean_hu", edges, counts)


def test_every_feature_is_taken():
    """A CT and a node give all features but the probability, spacings to a micrometre."""
    ct, node = ct_features((5.0, 0.70000001, 0.7)), node_features(NodeMeasurements(300.0, 9.0, 7.0, 40.0, 12.0))

    assert {Feature.SPACING_Z: 5.0, Feature.SPACING_Y: 0.7, Feature.SPACING_X: 0.7} == ct
    assert {Feature.MEAN_HU: 40.0, Feature.SHORT_AXIS: 7.0, Feature.VOLUME: 300.0} == node
    assert set(Feature) == {*ct, *node, Feature.PROBABILITY}
