"""The difficulty dial."""

import numpy as np
import pytest

from training.phantoms.presets import FEATURES, LITERATURE, PRESETS, SIGNS


def test_the_dial_has_its_positions():
    """Presets are found by the names that the command takes."""
    assert ["literature", "easy", "hard", "size-only", "texture-only"] == list(PRESETS)
    assert all(name == preset.name for name, preset in PRESETS.items())


def test_features_that_are_not_named_are_not_shifted():
    """In size-only and texture-only one feature differs between the classes, and no sign does."""
    for name, feature in (("size-only", "size"), ("texture-only", "heterogeneity")):
        preset = PRESETS[name]
        assert [feature] == [one for one, shift in zip(FEATURES, preset.shifts, strict=True) if shift]
        assert all(preset.shares[sign][0] == preset.shares[sign][1] for sign in SIGNS)


def test_shifts_follow_from_aucs():
    """A feature whose AUC is 0.80 is shifted by 1.19 SDs."""
    assert LITERATURE.aucs.keys() == set(FEATURES)
    assert LITERATURE.shifts[FEATURES.index("heterogeneity")] == pytest.approx(1.1902, abs=1e-4)


def test_correlated_features_share_what_they_tell():
    """The ideal observer's distance between the classes is shorter than that of independent features."""
    together = float(LITERATURE.weights @ LITERATURE.shifts)

    assert together < float(LITERATURE.shifts @ LITERATURE.shifts)
    np.testing.assert_allclose(LITERATURE.correlations @ LITERATURE.weights, LITERATURE.shifts)
