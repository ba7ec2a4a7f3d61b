from dataclasses import replace

import pytest

from training.reproduction.recovery import Recovery
from training.reproduction.summary import recovery_sentence, summary, table_sentence
from training.reproduction.table3 import TableRow
from training.roc import Estimate

NOTHING = Estimate(0.0, -0.1, 0.1)
ROW = TableRow("CNN", 0.99, 1.0, 0.42, Estimate(0.5, 0.4, 0.6), Estimate(0.7, 0.6, 0.8), 0.53, 0.42, 61, ())
RECOVERY = Recovery(
    model="LR",
    share=0.25,
    reviewed_count=152,
    noisy=Estimate(0.7, 0.6, 0.8),
    clean=Estimate(0.9, 0.8, 1.0),
    guided=Estimate(0.82, 0.75, 0.9),
    random=Estimate(0.75, 0.7, 0.8),
    taken=Estimate(0.2, 0.1, 0.3),
    gained=Estimate(0.12, 0.05, 0.2),
    gained_at_random=Estimate(0.05, 0.0, 0.1),
    above_random=Estimate(0.07, 0.02, 0.12),
)


def test_a_network_that_learnt_by_heart_and_tells_nothing_is_called_so():
    """Training accuracy and both AUCs are told, and whether each may be chance."""
    sentence = table_sentence(ROW)

    assert "CNN learnt its slices by heart (training accuracy 1.00)" in sentence
    assert "On the given labels of 61 test slices its AUC may be chance: 0.500" in sentence
    assert "on the true ones it is above chance: 0.700" in sentence


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (replace(ROW, training_accuracy=0.8), "did not learn its slices by heart"),
        (replace(ROW, given_auc=Estimate(0.3, 0.2, 0.4)), "is below chance: 0.300"),
    ],
)
def test_a_network_that_does_otherwise_is_called_otherwise(row, words):
    """The words follow the numbers."""
    assert words in table_sentence(row)


@pytest.mark.parametrize(
    ("above_random", "gained", "words"),
    [
        (Estimate(0.07, 0.02, 0.12), Estimate(0.12, 0.05, 0.2), ("guided beats random", "60% of", "at least half")),
        (NOTHING, Estimate(0.06, 0.0, 0.1), ("guided cannot be told from random", "30% of", "less than half")),
        (Estimate(-0.1, -0.2, -0.05), NOTHING, ("guided loses against random", "0% of", "less than half")),
    ],
)
def test_success_is_claimed_only_where_the_interval_allows_it(above_random, gained, words):
    """A difference whose interval contains nothing at all is no victory."""
    sentence = recovery_sentence(replace(RECOVERY, above_random=above_random, gained=gained))

    assert all(each in sentence for each in words)


def test_where_nothing_was_taken_nothing_is_claimed():
    """No share is told of nothing."""
    sentence = recovery_sentence(replace(RECOVERY, taken=NOTHING))

    assert "Nothing was taken" in sentence
    assert "recovers" not in sentence


def test_only_the_point_that_was_asked_for_is_told():
    """The other points stand in the table."""
    sentences = list(summary([ROW], [RECOVERY, replace(RECOVERY, share=0.5)], 0.5))

    assert 2 == len(sentences)
    assert "review of 50% of the labels" in sentences[1]
