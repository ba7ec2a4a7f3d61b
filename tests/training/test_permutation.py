from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.roc import auc
from tests.training.test_split import cases_of
from training.cases import Cohort
from training.errors import InvalidCases
from training.permutation import mean_of_runs, permutation_p_value, permuted
from training.split import patients_by_class


def cohort_of(labels_by_patient):
    """A cohort without files: for each patient the labels of its nodes."""
    cases = cases_of(labels_by_patient)
    return Cohort(Path("cases.csv"), tuple(cases), True, {Path("ct"): "i0", Path("mask"): "m0"}, "c0")


def vectors_of(cohort):
    """The labels of each patient's nodes."""
    vectors = defaultdict(tuple)
    for case in cohort.cases:
        vectors[case.patient] += (case.label,)
    return vectors


@given(
    st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), min_size=1, max_size=25),
    st.integers(0, 2**31),
)
def test_labels_are_permuted_and_nothing_else(labels_by_patient, seed):
    """Whatever the cohort, nodes and patients stay what they were, and single nodes bring their labels along."""
    cohort = cohort_of(labels_by_patient)
    single = cohort_of([labels[:1] for labels in labels_by_patient])

    other, of_single = permuted(cohort, seed), permuted(single, seed)

    assert [(case.row, case.node, case.patient) for case in cohort.cases] == [
        (case.row, case.node, case.patient) for case in other.cases
    ]
    assert Counter(case.label for case in single.cases) == Counter(case.label for case in of_single.cases)


def test_a_patients_labels_move_together():
    """Where patients have as many nodes, each gets all labels of another one."""
    cohort = cohort_of([[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]])

    before, after = (vectors_of(each) for each in (cohort, permuted(cohort, 4)))

    assert Counter(tuple(sorted(each)) for each in before.values()) == Counter(
        tuple(sorted(each)) for each in after.values()
    )
    assert before != after


def test_who_has_more_nodes_than_another_gets_his_labels_again():
    """A patient's labels are those of one other, however many nodes both have."""
    cohort = cohort_of([[0], [1], [0, 0, 0, 0], [1, 1]])

    for seed in range(20):
        assert all(1 == len(set(labels)) for labels in vectors_of(permuted(cohort, seed)).values())


def test_a_class_that_loses_its_patients_is_drawn_again():
    """Where a permutation cuts one class down to a few patients, it is another that each class outlives."""
    cohort = cohort_of([[0]] * 30 + [[0, 0, 1, 1]] * 7 + [[0] * 4] * 3)

    fewest = [
        [min(patients_by_class(permuted(cohort, seed, *asked).cases)) for seed in range(40)] for asked in ((), (5,))
    ]

    assert min(fewest[0]) < 5 <= min(fewest[1])
    assert 5 in fewest[1]


def test_a_permutation_that_serves_is_taken_as_it_is():
    """Asking for fewer patients than a permutation has changes nothing about it."""
    cohort = cohort_of([[0], [1]] * 10)

    assert permuted(cohort, 3) == permuted(cohort, 3, 10)


def test_a_cohort_that_no_permutation_serves_is_refused():
    """The message says what to do."""
    with pytest.raises(InvalidCases, match=r"leaves 3 parts benign and metastatic patients each; use fewer --folds"):
        permuted(cohort_of([[0]] * 8 + [[1]] * 2), 0, 3)


def test_the_number_of_nodes_tells_nothing():
    """Where patients with many nodes are benign, the number tells nothing of permuted labels."""
    cohort = cohort_of([[0] * 5] * 10 + [[1]] * 20 + [[0]] * 5)
    counts = [len(vectors_of(cohort)[case.patient]) for case in cohort.cases]

    aucs = [auc([case.label for case in permuted(cohort, seed).cases], counts) for seed in range(40)]

    assert auc([case.label for case in cohort.cases], counts) < 0.1
    whole = mean_of_runs(aucs)
    assert whole.lower < 0.5 < whole.upper
    assert whole.upper - whole.lower < 0.15


def test_a_permutation_is_another_cohort():
    """A run on permuted labels is never taken for one on the true labels, nor for one on another permutation."""
    cohort = cohort_of([[0], [1]] * 5)

    assert permuted(cohort, 1) == permuted(cohort, 1)
    assert 3 == len({cohort.digest, permuted(cohort, 1).digest, permuted(cohort, 2).digest})


def test_the_p_value_counts_the_observed_one():
    """The best of 19 permutations is significant at 1 in 20, and never at 0."""
    assert 0.05 == permutation_p_value(0.9, [0.5] * 19)
    assert 1.0 == permutation_p_value(0.4, [0.5] * 19)


def test_the_mean_has_students_interval():
    """Three values spread by .1 have an interval of 2.48 standard deviations on either side."""
    found = mean_of_runs([0.4, 0.5, 0.6])

    assert 0.5 == pytest.approx(found.value)
    assert 0.5 - 4.3027 * 0.1 / np.sqrt(3) == pytest.approx(found.lower, abs=1e-4)
    assert 0.5 + 4.3027 * 0.1 / np.sqrt(3) == pytest.approx(found.upper, abs=1e-4)
