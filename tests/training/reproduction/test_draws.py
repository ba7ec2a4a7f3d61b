import numpy as np
import pytest

from imaging.roc import auc
from tests.training.reproduction.reproduced import MACHINE
from tests.training.reproduction.small import SETTINGS
from training.radiomics.features import load_features
from training.reproduction.cure import LINEAR, TRUSTING
from training.reproduction.draws import drawn_cures, mean_over_draws
from training.reproduction.review import Arm
from training.reproduction.steps import Steps


def test_each_model_has_a_row_at_each_share(finished):
    """Both ways to learn from the ledger are told."""
    draws = finished.found.draws

    assert [(LINEAR, 0.25, 2), (TRUSTING, 0.25, 2)] == [(each.model, each.share, each.draw_count) for each in draws]


def test_the_draw_of_the_same_seed_is_the_same_cure(finished):
    """Draw 0 has the wrong labels, the reader and the folds of seed 0, and comes to what the whole cure came to."""
    [drawn, _] = finished.found.draws
    course = finished.found.course
    steps = Steps(finished.folder)
    stored = steps.once("draw-0", dict)[LINEAR]

    for arm in Arm:
        assert auc(finished.cohort.labels, course.of(arm, 0.25).scores[LINEAR]) == stored[arm][1]
    assert auc(finished.cohort.labels, course.noisy.scores[LINEAR]) == stored[Arm.GUIDED][0]
    assert drawn.guided.value == np.mean([steps.once(f"draw-{n}", dict)[LINEAR][Arm.GUIDED][1] for n in (0, 1)])


def test_draws_have_other_wrong_labels(finished):
    """Their ledgers of reviews are not the same."""
    ledgers = [finished.folder / "draws" / n / "worklists" / "random" / "labels.jsonl" for n in ("0", "1")]

    assert ledgers[0].read_bytes() != ledgers[1].read_bytes()


def test_finished_draws_are_only_read(finished):
    """The same means come from what is stored."""
    features = load_features(finished.cohort.given)

    draws = drawn_cures(Steps.start(finished.folder, SETTINGS), finished.cohort, features, SETTINGS, MACHINE)

    assert finished.found.draws == draws


def test_a_mean_has_student_s_interval():
    """Of three values with mean 2 and SD 1 it reaches 4.303 standard errors to either side."""
    found = mean_over_draws([1.0, 2.0, 3.0])

    assert 2.0 == found.value
    assert pytest.approx(2 - 4.3027 / 3**0.5, abs=1e-4) == found.lower
    assert pytest.approx(2 + 4.3027 / 3**0.5, abs=1e-4) == found.upper
