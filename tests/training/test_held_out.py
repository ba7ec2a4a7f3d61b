"""What a trained network says about nodes it did not learn from."""

import numpy as np

from tests.training.fitted import answers


def test_only_the_test_part_is_answered(fitted):
    """Calibration and operating point come from the validation part, answers are about the test part."""
    run, crops, held_out = answers(fitted)
    tested = {crops.cases[row].patient for row in crops.rows(run.split.test)}
    learnt = {crops.cases[row].patient for row in crops.rows(run.split.training + run.split.validation)}

    assert tested == set(held_out.patients)
    assert not tested & learnt
    expected = [held_out.calibration.probability(logit) for logit in held_out.logits]
    np.testing.assert_allclose(held_out.probabilities, expected)
    assert (held_out.lifts >= 0).all()
