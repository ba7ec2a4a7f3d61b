"""How much better a network is on what it learns from than on what it does not."""

import pytest

from training.course import Course, Epoch
from training.statistics.gap import gaps_of, mean_training_auc

RECORDED = Course((Epoch(1, 0.7, 0.7, 0.6, 0.65), Epoch(2, 0.5, 0.8, 0.55, 0.9)), Epoch(2, 0.5, 0.8, 0.55, 0.9))
OLD = Course((Epoch(1, 0.7, 0.7, 0.6),), Epoch(1, 0.7, 0.7, 0.6))


def test_the_gap_is_training_above_validation():
    """An epoch that learns by heart has a wide one; runs that did not record it have none."""
    first, second = gaps_of(RECORDED)

    assert (1, 0.05) == (first.epoch, pytest.approx(first.difference))
    assert (2, 0.35) == (second.epoch, pytest.approx(second.difference))
    assert () == gaps_of(OLD)


def test_the_best_epochs_count():
    """The mean is over trainings at their best epoch, and unknown if one of them did not record it."""
    assert 0.9 == mean_training_auc([RECORDED, RECORDED])
    assert mean_training_auc([RECORDED, OLD]) is None
    assert mean_training_auc([]) is None
