"""Whether two maps show the same."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from training.evidence.similarity import rank_correlation, rank_correlations


def test_it_is_spearmans_correlation():
    """Ties included."""
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=(3, 8, 8)).round(1).astype(np.float32) for _ in range(2))

    assert spearmanr(one.ravel(), other.ravel()).statistic == pytest.approx(rank_correlation(one, other))


def test_scale_does_not_count_but_sign_does():
    """A map and its cube are alike, a map and its negative are opposite."""
    maps = np.random.default_rng(1).normal(size=(2, 3, 4, 4)).astype(np.float32)

    assert [1.0, 1.0] == pytest.approx(rank_correlations(maps, maps**3))
    assert [-1.0, -1.0] == pytest.approx(rank_correlations(maps, -maps))


def test_a_flat_map_is_like_none():
    """It has no ranks."""
    assert np.isnan(rank_correlation(np.zeros((1, 4, 4)), np.random.default_rng(2).normal(size=(1, 4, 4))))
