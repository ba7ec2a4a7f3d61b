"""How a training went."""

import pytest

from tests.training.configs import config
from training.config import StopOn
from training.course import Epoch, best_of, is_finished


def epochs(*scores):
    """Epochs with these (validation AUC, validation loss)."""
    return tuple(Epoch(number, 0.5, loss, auc) for number, (auc, loss) in enumerate(scores, start=1))


@pytest.mark.parametrize(
    ("stop_on", "scores", "best"),
    [
        (StopOn.AUC, [(0.7, 0.5), (0.8, 0.9), (0.8, 0.6), (0.8, 0.6)], 3),
        (StopOn.LOSS, [(0.7, 0.5), (0.8, 0.9), (0.9, 0.5)], 1),
    ],
)
def test_the_best_epoch(stop_on, scores, best):
    """The larger AUC, or the lower loss; among equal AUCs the lower loss, among equals the first."""
    assert best == best_of(epochs(*scores), config(stop_on=stop_on)).number


@pytest.mark.parametrize(
    ("scores", "finished"),
    [
        ([], False),
        ([(0.9, 0.5), (0.8, 0.5)], False),
        ([(0.9, 0.5), (0.8, 0.5), (0.7, 0.5)], True),
        ([(0.7, 0.5), (0.8, 0.5), (0.9, 0.5)], False),
        ([(0.7, 0.5), (0.8, 0.5), (0.9, 0.5), (0.9, 0.4), (0.95, 0.4)], True),
    ],
)
def test_the_end(scores, finished):
    """A run ends after its last epoch, or when none has been better for the epochs of its patience."""
    assert finished == is_finished(epochs(*scores), config(epoch_count=5, patience=2))
