from dataclasses import replace

import pytest

from imaging.roc import Estimate
from training.reproduction.draws import Drawn
from training.reproduction.recovery import Recovery
from training.reproduction.summary import draws_sentence, recovery_sentence, summary, table_sentence
from training.reproduction.table3 import TableRow

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


DRAWN = Drawn(
    model="LR",
    share=0.25,
    draw_count=20,
    noisy=Estimate(0.7, 0.68, 0.72),
    clean=Estimate(0.9, 0.89, 0.91),
    guided=Estimate(0.86, 0.85, 0.87),
    random=Estimate(0.82, 0.81, 0.83),
    above_random=Estimate(0.04, 0.03, 0.05),
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


def test_many_draws_tell_both_arms():
    """The means, which arm is better by the paired interval, and what each gives back."""
    sentence = draws_sentence(DRAWN)

    assert "mean of 20 draws of wrong labels" in sentence
    assert "guided beats random (difference 0.040 (0.030 to 0.050))" in sentence
    assert "Guided review recovers 80% of what was taken, at least half; review at random 60%" in sentence
    assert "Nothing was taken" in draws_sentence(replace(DRAWN, clean=Estimate(0.7, 0.6, 0.8)))


def test_where_nothing_was_taken_nothing_is_claimed():
    """No share is told of nothing."""
    sentence = recovery_sentence(replace(RECOVERY, taken=NOTHING))

    assert "Nothing was taken" in sentence
    assert "recovers" not in sentence


def test_only_the_point_that_was_asked_for_is_told():
    """The other points stand in the table."""
    sentences = list(summary([ROW], [RECOVERY, replace(RECOVERY, share=0.5)], [DRAWN, replace(DRAWN, share=0.5)], 0.5))

    assert 3 == len(sentences)
    assert "review of 50% guided" in sentences[1]
    assert "review of 50% of the labels" in sentences[2]
