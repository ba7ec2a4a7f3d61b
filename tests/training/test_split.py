from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.cases import Case
from training.errors import InvalidCases
from training.split import (
    Split,
    crossing_duplicates,
    crossing_patients,
    inner_splits,
    patient_folds,
    require_fair,
    split_at,
    split_cases,
)


def cases_of(labels_by_patient):
    """Cases without files: for each patient the labels of its nodes."""
    return [
        Case(Path("ct"), Path("mask"), node, f"p{patient}", label, 10 * patient + node)
        for patient, labels in enumerate(labels_by_patient)
        for node, label in enumerate(labels, start=1)
    ]


def patients_of(cases, part):
    """Who is in a part."""
    return {cases[index].patient for index in part}


@given(
    st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), max_size=25),
    st.integers(0, 2**31),
)
def test_no_patient_is_in_two_parts(extra, seed):
    """Whatever the cohort, each node is in one part and each patient too."""
    cases = cases_of([[0], [1]] * 10 + extra)

    split = split_cases(cases, seed)

    parts = [split.training, split.validation, split.test]
    assert sorted(index for part in parts for index in part) == list(range(len(cases)))
    assert sum(len(patients_of(cases, part)) for part in parts) == len({case.patient for case in cases})


@given(
    st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=5), max_size=15),
    st.integers(0, 2**31),
    st.integers(2, 4),
)
def test_no_inner_split_leaks(extra, seed, inner_count):
    """Whatever the cohort, all inner networks test on patients they do not know, and each other one validates once."""
    cases = cases_of([[0], [1]] * 10 + extra)
    test = patient_folds(cases, 3, seed)[0]

    splits = inner_splits(cases, test, inner_count, seed)

    assert {test} == {split.test for split in splits}
    for split in splits:
        parts = [patients_of(cases, part) for part in (split.training, split.validation, split.test)]
        assert len(set.union(*parts)) == sum(map(len, parts))
    validated = [index for split in splits for index in split.validation]
    assert sorted(validated + list(test)) == list(range(len(cases)))


def test_a_seed_gives_one_split():
    """The same seed splits alike, another one does not."""
    cases = cases_of([[0, 1], [1], [0]] * 20)

    assert split_cases(cases, 3) == split_cases(cases, 3)
    assert split_cases(cases, 3) != split_cases(cases, 4)


def test_parts_are_stratified():
    """Of 100 patients 60 are learnt from, and the share of metastatic nodes is the same in each part."""
    cases = cases_of([[0]] * 70 + [[1]] * 30)

    split = split_cases(cases, 0)

    counts = [Counter(cases[index].label for index in part) for part in (split.training, split.validation, split.test)]
    assert [{0: 42, 1: 18}, {0: 14, 1: 6}, {0: 14, 1: 6}] == counts


def test_each_fold_is_tested_on_once():
    """Over all folds, each node is in the test part once."""
    cases = cases_of([[0, 0], [1], [0], [1, 1]] * 10)
    folds = patient_folds(cases, 4, 0)

    tested = [index for fold in range(4) for index in split_at(cases, folds, fold).test]

    assert sorted(tested) == list(range(len(cases)))


def test_few_patients_make_three_parts():
    """Three patients of a class are enough."""
    split = split_cases(cases_of([[0], [1]] * 3), 0)

    assert (2, 2, 2) == tuple(map(len, (split.training, split.validation, split.test)))


@pytest.mark.parametrize(
    ("labels_by_patient", "message"),
    [
        ([[0]] * 9 + [[1], [1, 1]], r"only 2 patient\(s\) have a metastatic node; 3 parts need one each at least"),
        ([[1]] * 9, r"only 0 patient\(s\) have a benign node"),
    ],
)
def test_too_few_patients_of_a_class_are_refused(labels_by_patient, message):
    """Without both classes in each part nothing can be measured."""
    with pytest.raises(InvalidCases, match=message):
        split_cases(cases_of(labels_by_patient), 0)


def test_a_patient_in_two_parts_is_refused():
    """A split that leaks is never used, wherever it came from."""
    cases = cases_of([[0, 1], [0, 1], [0, 1]])

    with pytest.raises(InvalidCases, match=r"1 patient\(s\) are in both training and test"):
        require_fair(cases, Split((0, 1, 2), (4, 5), (3,)))


def test_a_part_without_a_class_is_refused():
    """The message says which class lacks where."""
    cases = cases_of([[0, 1], [0, 0], [0, 1]])

    with pytest.raises(InvalidCases, match="the validation part has no metastatic node"):
        require_fair(cases, Split((0, 1), (2, 3), (4, 5)))


def test_one_node_under_two_patients_is_refused():
    """The same pixels in two parts leak whatever the table says; the rows are named, and what to do."""
    cases = cases_of([[0], [1], [0], [1], [0], [1]])
    pixels = np.random.default_rng(0).random((6, 1, 48, 48), dtype=np.float32)
    split = Split((0, 1), (2, 3), (4, 5))
    require_fair(cases, split, pixels)
    pixels[4] = pixels[0]

    with pytest.raises(InvalidCases, match=r"rows 1 and 41 show the same node .* give both rows one patient"):
        require_fair(cases, split, pixels)


def test_what_crosses_is_named():
    """Patients in two parts, and copies under two patients; a fair split has neither."""
    cases = cases_of([[0, 1], [0, 1], [0, 1]])
    pixels = np.random.default_rng(0).random((6, 1, 48, 48), dtype=np.float32)
    pixels[5] = pixels[1]
    fair, leaking = Split((0, 1), (2, 3), (4, 5)), Split((0, 1, 2), (4, 5), (3,))

    assert ((), ("p1",)) == (crossing_patients(cases, fair), crossing_patients(cases, leaking))
    assert [(1, 5)] == [(pair.first, pair.second) for pair in crossing_duplicates(cases, fair, pixels)]
    assert () == crossing_duplicates(cases, Split((0, 1, 4, 5), (2,), (3,)), pixels)


def test_one_node_under_two_patients_in_one_part_is_no_leak():
    """Copies that are learnt from together flatter nobody."""
    cases = cases_of([[0], [0], [1], [0], [1], [0], [1]])
    pixels = np.random.default_rng(0).random((7, 1, 48, 48), dtype=np.float32)
    pixels[1] = pixels[0]

    require_fair(cases, Split((0, 1, 2), (3, 4), (5, 6)), pixels)
