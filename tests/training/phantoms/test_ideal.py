"""The ideal observer."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from training.phantoms.ideal import ideal_auc, log_likelihood_ratio, sampled_ratios
from training.phantoms.latents import draw_latents
from training.phantoms.presets import FEATURES, LITERATURE, PRESETS, SIGNS


def test_the_literature_is_read_at_90_percent():
    """All published features together are worth 0.90; easy is easier, hard is harder."""
    assert ideal_auc(LITERATURE) == pytest.approx(0.90, abs=0.01)
    assert ideal_auc(PRESETS["easy"]) > 0.95
    assert ideal_auc(PRESETS["hard"]) < 0.75


@pytest.mark.parametrize(("name", "feature"), [("size-only", "size"), ("texture-only", "heterogeneity")])
def test_where_one_feature_tells_nothing_else_helps(name, feature):
    """The ideal observer is as good as the only feature that differs."""
    assert ideal_auc(PRESETS[name]) == pytest.approx(PRESETS[name].aucs[feature])


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_theory_and_sample_agree(preset):
    """The AUC in closed form is that of a large sample of likelihood ratios."""
    count = 200_000
    found = roc_auc_score(np.arange(count) % 2, sampled_ratios(preset, count))

    assert found == pytest.approx(ideal_auc(preset), abs=0.003)


def test_nobody_beats_the_ideal_observer():
    """A reader fitted on the features of many nodes comes close to the likelihood ratio, and not above."""
    rng, labels = np.random.default_rng(0), np.arange(8000) % 2
    nodes = [draw_latents(rng, bool(label), LITERATURE) for label in labels]
    features = np.array([[getattr(node, name) for name in (*FEATURES, *SIGNS)] for node in nodes], dtype=float)
    ratios = np.array([log_likelihood_ratio(node, LITERATURE) for node in nodes])
    fitted = LogisticRegression().fit(features[:4000], labels[:4000])

    ideal, reader = (
        roc_auc_score(labels[4000:], scores[4000:]) for scores in (ratios, fitted.decision_function(features))
    )

    assert reader < ideal + 0.002
    assert reader == pytest.approx(ideal, abs=0.01)


def test_ratios_are_calibrated():
    """Of nodes whose ratio is about e, e / (1 + e) are metastatic."""
    count = 200_000
    ratios, labels = sampled_ratios(LITERATURE, count), np.arange(count) % 2
    near = np.abs(ratios - 1) < 0.2

    assert labels[near].mean() == pytest.approx(np.e / (1 + np.e), abs=0.015)
