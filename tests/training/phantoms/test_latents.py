"""What phantom nodes are like."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.phantoms.ideal import ideal_auc, log_likelihood_ratio
from training.phantoms.latents import draw_latents
from training.phantoms.presets import FEATURES, LITERATURE, PRESETS

DRAWN = {
    "size": lambda node: node.short_axis_mm,
    "roundness": lambda node: node.short_axis_mm / node.long_axis_mm,
    "irregularity": lambda node: node.roughness,
    "enhancement": lambda node: node.mean_hu,
    "heterogeneity": lambda node: node.texture_hu,
}
"""What each feature becomes in mm, HU and shares, where limits cut its tails."""

COUNT = 16_000


def drawn(preset):
    """Nodes of both classes, and which they are."""
    rng, labels = np.random.default_rng(0), np.arange(COUNT) % 2
    return [draw_latents(rng, bool(label), preset) for label in labels], labels


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_dial_is_true(preset):
    """Each feature as drawn has the AUC that was asked for, each sign its shares, and all together the ideal AUC."""
    nodes, labels = drawn(preset)
    ratios = [log_likelihood_ratio(node, preset) for node in nodes]

    for name in FEATURES:
        found = roc_auc_score(labels, [DRAWN[name](node) for node in nodes])
        assert found == pytest.approx(preset.aucs.get(name, 0.5), abs=0.01), name
    for name, shares in preset.shares.items():
        present = np.array([getattr(node, name) for node in nodes])
        assert [present[labels == label].mean() for label in (0, 1)] == pytest.approx(shares, abs=0.02)
    assert roc_auc_score(labels, ratios) == pytest.approx(ideal_auc(preset), abs=0.01)


def test_features_are_correlated_as_said():
    """Within a class, any two features of the literature have the correlation that the preset names."""
    nodes, labels = drawn(LITERATURE)
    scores = np.array([[getattr(node, name) for name in FEATURES] for node in nodes])

    for label in (0, 1):
        np.testing.assert_allclose(np.corrcoef(scores[labels == label].T), LITERATURE.correlations, atol=0.04)


def test_generators_in_one_state_draw_twins():
    """The metastatic twin is the benign one, shifted."""
    benign, metastatic = (draw_latents(np.random.default_rng(5), label, LITERATURE) for label in (False, True))

    shifts = [getattr(metastatic, name) - getattr(benign, name) for name in FEATURES]
    np.testing.assert_allclose(shifts, LITERATURE.shifts)
    assert [False, True] == [benign.metastatic, metastatic.metastatic]
