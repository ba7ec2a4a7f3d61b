from pathlib import Path

import numpy as np
import pytest

from imaging.roc import auc
from tests.training.reproduction.small import LABELS, course_of
from training.cases import Case, Cohort
from training.reproduction.cohort import LabelledCohort
from training.reproduction.recovery import recoveries_of


@pytest.fixture(scope="module")
def cohort():
    """Nodes of as many patients, without files."""
    cases = tuple(Case(Path("ct"), Path("mask"), 1, f"p{n}", int(label), n + 2) for n, label in enumerate(LABELS))
    whole = Cohort(Path("cases.csv"), cases, True, {}, "c0")
    return LabelledCohort(whole, whole)


def test_a_recovery_is_measured_on_the_true_labels(cohort):
    """Each AUC is that of the point's own scores, and the differences are between them."""
    course = course_of(noisy=0.5, guided=1.2, random=0.8, clean=2.0)

    [found] = recoveries_of(course, cohort)

    assert ("LR", 0.25, 50) == (found.model, found.share, found.reviewed_count)
    assert auc(LABELS, course.clean.scores["LR"]) == found.clean.value
    assert pytest.approx(found.clean.value - found.noisy.value) == found.taken.value
    assert pytest.approx(found.guided.value - found.random.value) == found.above_random.value
    assert pytest.approx(found.gained.value / found.taken.value) == found.recovered
    assert 0 < found.recovered_at_random < found.recovered < 1


def test_what_was_not_taken_cannot_be_given_back(cohort):
    """Where the given labels teach as well as the true ones, there is no share to tell."""
    [found] = recoveries_of(course_of(noisy=1.0, guided=1.2, random=0.8, clean=1.0), cohort)

    assert (None, None) == (found.recovered, found.recovered_at_random)


def test_a_model_that_did_not_answer_a_point_has_no_row(cohort):
    """A network that was not cross-validated at a point is not in its table."""
    course = course_of(noisy=0.5, guided=1.2, random=0.8, clean=2.0)
    course.noisy.scores["cnn-gap"] = course.clean.scores["cnn-gap"] = np.zeros(len(LABELS))

    assert ["LR"] == [found.model for found in recoveries_of(course, cohort)]
