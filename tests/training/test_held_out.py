"""What a trained network says about nodes it did not learn from."""

from dataclasses import replace

import numpy as np

from imaging.roc import auc
from tests.training.fitted import answers
from training.held_out import CHOSEN, EVEN, averaged, pooled


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


def test_sizes_are_those_of_the_nodes(fitted):
    """Short axes and volumes are the measurements of the same nodes."""
    _, crops, held_out = answers(fitted)
    measured = dict(zip(crops.cases, crops.measurements, strict=True))

    assert [measured[case].short_axis_mm for case in held_out.cases] == held_out.short_axes_mm.tolist()
    np.testing.assert_allclose(np.exp(held_out.log_volumes), [measured[c].volume_mm3 for c in held_out.cases])


def test_calls_are_made_at_operating_points(fitted):
    """The chosen point and one half are applied to calibrated probabilities."""
    _, _, held_out = answers(fitted)
    point = held_out.operating_point.probability

    assert (held_out.probabilities >= point).tolist() == held_out.calls[CHOSEN].tolist()
    assert (held_out.probabilities >= 0.5).tolist() == held_out.calls[EVEN].tolist()


def test_pooled_answers_hold_all_nodes(fitted):
    """Everything a node has is pooled, and the logits are those of its probabilities."""
    _, _, held_out = answers(fitted)
    whole = pooled([held_out, held_out])

    arrays = [whole.labels, whole.logits, whole.probabilities, whole.log_volumes, whole.short_axes_mm, whole.lifts]
    arrays += [*whole.other_probabilities.values(), *whole.calls.values()]
    assert {2 * len(held_out.labels)} == {len(each) for each in (*arrays, whole.cases)}
    np.testing.assert_allclose(1 / (1 + np.exp(-whole.logits)), whole.probabilities)
    assert auc(held_out.labels, held_out.logits) == auc(whole.labels, whole.probabilities)


def test_averaged_answers_hold_each_node_once(fitted):
    """The mean of two equal answers is each of them; of two calls that differ, the node is called metastatic."""
    _, _, held_out = answers(fitted)
    cautious = replace(held_out, calls={point: np.ones_like(called) for point, called in held_out.calls.items()})
    mean = averaged(pooled([held_out, cautious]))

    assert sorted(held_out.patients) == sorted(mean.patients)
    rows = [list(held_out.cases).index(case) for case in mean.cases]
    np.testing.assert_allclose(held_out.probabilities[rows], mean.probabilities)
    np.testing.assert_allclose(held_out.other_probabilities["none"][rows], mean.other_probabilities["none"])
    assert held_out.short_axes_mm[rows].tolist() == mean.short_axes_mm.tolist()
    assert all(mean.calls[CHOSEN])


def test_answers_that_differ_meet_in_the_middle(fitted):
    """The logit of a node that was answered twice is the mean of the two."""
    _, _, held_out = answers(fitted)
    once = averaged(pooled([held_out, replace(held_out, logits=held_out.logits + 1)]))
    order, line = np.argsort([case.row for case in held_out.cases]), held_out.calibration

    np.testing.assert_allclose(line.scale * (held_out.logits[order] + 0.5) + line.bias, once.logits)
