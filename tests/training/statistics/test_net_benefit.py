"""Whether acting on the answers does more good than acting always, or never."""

import numpy as np
import pytest

from training.statistics.net_benefit import THRESHOLDS, decision_curve

LABELS = np.array([1] * 30 + [0] * 70)


def test_the_net_benefit_is_that_of_the_paper():
    """True positives less false positives at the threshold's odds, a node."""
    probabilities = np.where(np.arange(100) < 40, 0.7, 0.1)
    at = {each.threshold: each for each in decision_curve(LABELS, probabilities, np.arange(100))}

    assert (30 - 10 * 0.5 / 0.5) / 100 == pytest.approx(at[0.5].acting_on_answers.value)
    assert (30 - 70 * 0.2 / 0.8) / 100 == pytest.approx(at[0.2].acting_always)
    assert at[0.5].gain.lower > 0


def test_perfect_answers_gain_all_there_is():
    """Their net benefit is the share of metastatic nodes at every threshold."""
    curve = decision_curve(LABELS, LABELS.astype(float), np.arange(100))

    assert list(THRESHOLDS) == [each.threshold for each in curve]
    assert [0.3] * len(curve) == pytest.approx([each.acting_on_answers.value for each in curve])


def test_answers_that_know_nothing_gain_nothing():
    """Giving each node the share of metastatic ones is acting always below it and never above."""
    curve = decision_curve(LABELS, np.full(100, 0.32), np.arange(100))

    assert [max(each.acting_always, 0) if each.threshold < 0.32 else 0.0 for each in curve] == pytest.approx(
        [each.acting_on_answers.value for each in curve]
    )
    assert all(each.gain.value <= 1e-12 for each in curve)
