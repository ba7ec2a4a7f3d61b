"""Whether 0.7 means 70 %."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from imaging.calibration import calibration_of


def drawn(seed, count, slope=1.0, intercept=0.0):
    """Labels and probabilities; the labels' true line on the logit has this slope and intercept."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, count)
    return (rng.random(count) < expit(slope * logits + intercept)).astype(int), expit(logits)


def test_true_probabilities_are_found_true():
    """Slope 1 and intercept 0 are in their intervals, and the error is about what chance alone makes."""
    found = calibration_of(*drawn(0, 600), np.arange(600))

    assert found.slope.lower < 1 < found.slope.upper
    assert found.intercept.lower < 0 < found.intercept.upper
    assert found.expected_error < 2 * found.expected_error_if_perfect
    assert found.brier.upper < found.brier_of_share


def test_overconfident_probabilities_are_found_out():
    """Logits twice too large have a slope of one half, those too high by 1 an intercept of -1."""
    labels, probabilities = drawn(1, 1500, slope=0.5)
    raised = calibration_of(*drawn(2, 1500, intercept=-1.0), np.arange(1500))
    steep = calibration_of(labels, probabilities, np.arange(1500))

    assert steep.slope.value == pytest.approx(0.5, abs=0.07)
    assert steep.slope.upper < 1
    assert raised.intercept.value == pytest.approx(-1, abs=0.2)
    assert steep.expected_error > 2 * steep.expected_error_if_perfect


def test_the_line_is_that_of_logistic_regression():
    """The slope is scikit-learn's; the Brier score too."""
    labels, probabilities = drawn(3, 200, slope=0.7)
    logits = np.log(probabilities / (1 - probabilities))[:, None]
    found = calibration_of(labels, probabilities, np.arange(200))

    assert LogisticRegression(C=1e6).fit(logits, labels).coef_[0, 0] == pytest.approx(found.slope.value, rel=2e-3)
    assert brier_score_loss(labels, probabilities) == pytest.approx(found.brier.value)


def test_bins_hold_every_node_once():
    """A hundred nodes make ten bins of ten; their means rise, and their shares are those of the labels."""
    labels, probabilities = drawn(4, 100)
    bins = calibration_of(labels, probabilities, np.arange(100)).bins

    assert [10] * 10 == [each.node_count for each in bins]
    assert sorted(each.mean_probability for each in bins) == [each.mean_probability for each in bins]
    assert labels.mean() == pytest.approx(np.mean([each.metastatic_share.value for each in bins]))


def test_few_separable_nodes_have_a_finite_line():
    """Certain answers without a mistake, and resamples of one class, make wide intervals, not infinities."""
    found = calibration_of([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0], [0, 1, 2, 3])

    assert np.isfinite([found.slope.value, found.slope.lower, found.slope.upper]).all()
    assert np.isfinite([found.intercept.lower, found.intercept.upper]).all()
    assert 1 == len(found.bins)
