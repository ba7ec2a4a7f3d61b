"""Networks that answer the patients they never saw."""

import numpy as np

from tests.training.fitted import answers
from training.nested import Fold, answer_fold, repeat_seed


def test_the_first_repeat_has_the_seed_itself():
    """Repeats can be added to a finished cross-validation; each has folds of its own."""
    assert 3 == repeat_seed(3, 1)
    assert 4 == len({repeat_seed(3, repeat) for repeat in (1, 2, 3, 4)})


def test_networks_of_a_fold_answer_by_their_mean_logit(fitted):
    """Two equal networks answer as one does; calibration and operating point come from all inner validation parts."""
    run, crops, alone = answers(fitted)

    both = answer_fold(Fold(1, 1, (run, run), crops, None))

    np.testing.assert_allclose(alone.logits, both.logits)
    np.testing.assert_allclose([both.calibration.probability(logit) for logit in both.logits], both.probabilities)
    assert "inner out-of-fold patients" == both.operating_point.chosen_on


def test_a_single_network_answers_as_it_did(fitted):
    """With one inner part nothing is different from a run of its own."""
    run, crops, alone = answers(fitted)

    np.testing.assert_array_equal(alone.probabilities, answer_fold(Fold(1, 1, (run,), crops, None)).probabilities)
