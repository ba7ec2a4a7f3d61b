from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.test_split import cases_of
from training.cases import Cohort
from training.permutation import mean_of_runs, permutation_p_value, permuted


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
    """Whatever the cohort, as many nodes are metastatic as before, and nodes and patients stay what they were."""
    cohort = cohort_of(labels_by_patient)

    other = permuted(cohort, seed)

    assert Counter(case.label for case in cohort.cases) == Counter(case.label for case in other.cases)
    assert [(case.row, case.node, case.patient) for case in cohort.cases] == [
        (case.row, case.node, case.patient) for case in other.cases
    ]


def test_a_patients_labels_move_together():
    """Where patients have as many nodes, each gets the whole vector of another one."""
    cohort = cohort_of([[0, 0, 0], [1, 1, 0], [1, 1, 1], [0], [1], [0]])

    other = permuted(cohort, 4)

    assert Counter(vectors_of(cohort).values()) == Counter(vectors_of(other).values())
    assert vectors_of(cohort) != vectors_of(other)


def test_a_number_of_nodes_that_nobody_shares_is_no_hiding_place():
    """Also the labels of patients with a number of nodes of their own change places."""
    cohort = cohort_of([[0], [1], [0], [1], [1, 1, 1, 1, 1, 1]])

    moved = [vectors_of(permuted(cohort, seed))["p4"] for seed in range(20)]

    assert any((1, 1, 1, 1, 1, 1) != labels for labels in moved)


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
