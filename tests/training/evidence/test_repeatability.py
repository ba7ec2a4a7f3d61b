"""Whether another seed would have shown the same."""

import shutil
from dataclasses import replace

import pytest

from tests.training.fitted import answers
from training.errors import InvalidRun
from training.evidence.repeatability import repeatability
from training.run import Run
from training.split import Split


def other_run(run, folder, **choices):
    """A copy of a run with other choices."""
    shutil.copytree(run.folder, folder)
    other = Run(folder, replace(run.config, **choices), run.split)
    (folder / "config.json").write_text(other.config.to_json())
    return other


def test_equal_networks_show_the_same(fitted, tmp_path):
    """With the same weights, the correlation is 1 on all test nodes that have evidence."""
    run, crops, held_out = answers(fitted)

    found = repeatability(run, other_run(run, tmp_path / "run", seed=1), crops)

    assert len(held_out.labels) == found.node_count
    assert (1.0, 1.0, 1.0) == pytest.approx((found.correlation.value, found.correlation.lower, found.correlation.upper))


def test_other_weights_show_something_else(fitted, tmp_path):
    """With weights turned about, the correlation falls."""
    run, crops, _ = answers(fitted)
    other = other_run(run, tmp_path / "run", seed=1)
    other.save_best({name: -value for name, value in run.network().state_dict().items()})

    assert repeatability(run, other, crops).correlation.upper < 0.99


def test_what_the_other_has_learnt_from_is_left_out(fitted, tmp_path):
    """Only nodes that neither run has learnt from are compared."""
    run, crops, _ = answers(fitted)
    learnt, *unseen = run.split.test
    split = Split((*run.split.training, learnt), run.split.validation, tuple(unseen))
    other = replace(other_run(run, tmp_path / "run", seed=1), split=split)

    assert len(unseen) == repeatability(run, other, crops).node_count


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({}, "the same seed"),
        ({"seed": 1, "cohort_digest": "c1"}, "of other cases or another network"),
        ({"seed": 1, "network": "cnn"}, "of other cases or another network"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(fitted, tmp_path, choices, message):
    """The message says what to fit instead."""
    run, crops, _ = answers(fitted)

    with pytest.raises(InvalidRun, match=message):
        repeatability(run, other_run(run, tmp_path / "run", **choices), crops)


def test_other_crops_are_refused(fitted, tmp_path):
    """Maps of other crops have other cells."""
    run, crops, _ = answers(fitted)
    other = other_run(run, tmp_path / "run", seed=1, spec=replace(run.config.spec, side_mm=30.0))

    with pytest.raises(InvalidRun, match="give both the same --side-mm"):
        repeatability(run, other, crops)


def test_a_run_that_learnt_from_all_is_refused(fitted, tmp_path):
    """Without a node that neither knows there is nothing to compare."""
    run, crops, _ = answers(fitted)
    swapped = Split(run.split.test, run.split.validation, run.split.training)

    with pytest.raises(InvalidRun, match="has learnt from every test node"):
        repeatability(run, replace(other_run(run, tmp_path / "run", seed=1), split=swapped), crops)
