import numpy as np
import pytest

from imaging.roc import auc
from training.reproduction.law import observed_auc


@pytest.mark.parametrize("noise", [0.1, 0.3, 0.45])
def test_the_law_is_what_flipped_labels_do(noise):
    """On many nodes, the AUC on labels that are flipped at random is what the law says."""
    rng = np.random.default_rng(0)
    truth = np.arange(4000) % 2
    scores = 1.5 * truth + rng.normal(size=len(truth))
    given = np.where(rng.random(len(truth)) < noise, 1 - truth, truth)

    assert pytest.approx(auc(given, scores), abs=0.02) == observed_auc(auc(truth, scores), noise)


def test_labels_that_are_half_wrong_show_nothing():
    """However good the answers are, half of the labels wrong make chance of them."""
    assert 0.5 == observed_auc(0.99, 0.5)


def test_right_labels_change_nothing():
    """Without noise the AUC is the true one."""
    assert pytest.approx(0.83) == observed_auc(0.83, 0.0)
