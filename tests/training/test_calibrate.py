"""From logits to probabilities."""

import numpy as np
import pytest

from training.calibrate import calibrated


def test_the_line_is_found():
    """Labels drawn at 0.5 x - 1 give that line back."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, 20000)
    labels = rng.random(20000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    line = calibrated(labels, logits)

    assert line.scale == pytest.approx(0.5, abs=0.02)
    assert line.bias == pytest.approx(-1, abs=0.06)


def test_separable_data_give_a_finite_line():
    """Four nodes without a mistake do not make anybody certain."""
    line = calibrated([0, 0, 1, 1], [-2.0, -1.0, 1.0, 2.0])

    assert 0.5 < line.probability(2.0) < 0.95


def test_the_order_of_nodes_stays():
    """Logits that point the wrong way are flattened, never turned around."""
    line = calibrated([1, 1, 0, 0], [-2.0, -1.0, 1.0, 2.0])

    assert line.scale > 0
    assert line.probability(2.0) == pytest.approx(0.5, abs=0.05)


def test_a_temperature_has_no_bias():
    """Labels drawn at 0.5 x give one half back, and a logit of 0 stays one half."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, 20000)
    line = calibrated(rng.random(20000) < 1 / (1 + np.exp(-0.5 * logits)), logits, through_zero=True)

    assert line.scale == pytest.approx(0.5, abs=0.02)
    assert 0.5 == line.probability(0.0)
