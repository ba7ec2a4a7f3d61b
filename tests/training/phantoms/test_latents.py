"""What phantom nodes are like."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from training.phantoms.latents import SHARES, SHIFTS, draw_latents, ideal_auc


@pytest.fixture(scope="module")
def sample():
    """Nodes of both classes, and which they are."""
    rng = np.random.default_rng(0)
    labels = np.arange(8000) % 2
    return [draw_latents(rng, bool(label)) for label in labels], labels


@pytest.mark.parametrize(
    ("feature", "expected"),
    [("short_axis_mm", 0.70), ("roughness", 0.68), ("mean_hu", 0.66), ("texture_hu", 0.78)],
)
def test_no_feature_tells_the_classes_apart(sample, feature, expected):
    """Each visible feature alone has the AUC that was asked for: better than chance, far from 1."""
    nodes, labels = sample

    assert roc_auc_score(labels, [getattr(node, feature) for node in nodes]) == pytest.approx(expected, abs=0.015)


def test_round_nodes_are_suspicious(sample):
    """The ratio of the axes alone has AUC 0.65."""
    nodes, labels = sample
    ratios = [node.short_axis_mm / node.long_axis_mm for node in nodes]

    assert roc_auc_score(labels, ratios) == pytest.approx(0.65, abs=0.015)


def test_necrosis_and_hilum_are_drawn_as_often_as_said(sample):
    """Shares of benign and metastatic nodes."""
    nodes, labels = sample
    for name, shares in SHARES.items():
        for label in (0, 1):
            found = np.mean([getattr(node, name) for node, known in zip(nodes, labels, strict=True) if known == label])
            assert found == pytest.approx(shares[label], abs=0.02)


def test_nobody_beats_the_ideal_observer(sample):
    """The likelihood ratio has the AUC that is announced; a fitted reader of all features comes close, not above."""
    nodes, labels = sample
    ratio = roc_auc_score(labels, [node.log_likelihood_ratio for node in nodes])
    features = np.array([[getattr(node, name) for name in (*SHIFTS, *SHARES)] for node in nodes], dtype=float)
    fitted = LogisticRegression().fit(features[:4000], labels[:4000])
    reader = roc_auc_score(labels[4000:], fitted.decision_function(features[4000:]))

    assert 0.88 < ideal_auc() < 0.92
    assert ratio == pytest.approx(ideal_auc(), abs=0.01)
    assert reader == pytest.approx(ratio, abs=0.02)
