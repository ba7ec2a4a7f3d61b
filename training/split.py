"""Who is learnt from, who chooses, and who is tested on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from training.cases import Case
from training.duplicates import Duplicate, find_duplicates
from training.errors import InvalidCases

FOLD_COUNT = 5
"""One fold each for validation and test, the rest for training."""

SMALLEST_FOLD_COUNT = 3
NAMED_PAIRS = 3
"""Pairs of rows that a message names; of more it tells the number."""

NAMES = {0: "benign", 1: "metastatic"}


@dataclass(frozen=True, slots=True)
class Split:
    """
    Three disjoint sets of cases, by their index in the cohort.

    Attributes:
        training: What the weights are fitted on.
        validation: What the epoch, the calibration and the operating point are chosen on.
        test: What nothing is chosen on.
    """

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def split_cases(cases: Sequence[Case], seed: int) -> Split:
    """
    Split by patient, the share of metastatic nodes as even as can be.

    Raises:
        InvalidCases: too few patients of a class.
    """
    patients = min(patients_by_class(cases))
    return split_at(cases, patient_folds(cases, max(SMALLEST_FOLD_COUNT, min(FOLD_COUNT, patients)), seed), 0)


def patient_folds(cases: Sequence[Case], fold_count: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """
    Disjoint sets of case indices; no patient is in two of them, and each has both classes.

    Raises:
        InvalidCases: too few patients of a class.
    """
    for label, count in enumerate(patients_by_class(cases)):
        if count < fold_count:
            raise InvalidCases(
                f"only {count} patient(s) have a {NAMES[label]} node; {fold_count} parts need one each at least"
            )
    labels, patients = [case.label for case in cases], [case.patient for case in cases]
    splitter = StratifiedGroupKFold(fold_count, shuffle=True, random_state=seed)
    return tuple(tuple(held_out.tolist()) for _, held_out in splitter.split(np.zeros(len(cases)), labels, patients))


def split_at(cases: Sequence[Case], folds: Sequence[Sequence[int]], test_fold: int) -> Split:
    """
    The split that tests on one fold, validates on the next and learns from all others.

    Raises:
        InvalidCases: a patient is in two parts, or a part lacks a class.
    """
    validation_fold = (test_fold + 1) % len(folds)
    held_out = (test_fold, validation_fold)
    training = tuple(sorted(index for n, fold in enumerate(folds) if n not in held_out for index in fold))
    split = Split(training, tuple(folds[validation_fold]), tuple(folds[test_fold]))
    require_fair(cases, split)
    return split


def inner_splits(cases: Sequence[Case], test: Sequence[int], inner_count: int, seed: int) -> tuple[Split, ...]:
    """
    The splits that all test on one part, while each of ``inner_count`` parts of the other patients validates once.

    Raises:
        InvalidCases: too few patients of a class.
    """
    others = sorted(set(range(len(cases))) - set(test))
    parts = patient_folds([cases[index] for index in others], inner_count, seed)
    splits = []
    for part in parts:
        validation = tuple(others[place] for place in part)
        split = Split(tuple(sorted(set(others) - set(validation))), validation, tuple(test))
        require_fair(cases, split)
        splits.append(split)
    return tuple(splits)


def require_fair(cases: Sequence[Case], split: Split, pixels: NDArray[np.float32] | None = None) -> None:
    """
    Refuse a split that would flatter.

    Args:
        cases: What the split is about.
        split: Their parts.
        pixels: Their crops, (cases, slices, rows, columns), to look for one node under two patients; not looked for
            where there are none yet.

    Raises:
        InvalidCases: a patient, or a node under two patients, is in two parts, or a part lacks a class.
    """
    parts = _parts(split)
    patients = {name: {cases[index].patient for index in part} for name, part in parts.items()}
    for one, other in combinations(parts, 2):
        if patients[one] & patients[other]:
            raise InvalidCases(f"{len(patients[one] & patients[other])} patient(s) are in both {one} and {other}")
    for name, part in parts.items():
        counts = Counter(cases[index].label for index in part)
        for label in NAMES:
            if not counts[label]:
                raise InvalidCases(f"the {name} part has no {NAMES[label]} node; try another --seed, or more patients")
    if pixels is not None:
        _require_no_duplicate(cases, split, pixels)


def crossing_patients(cases: Sequence[Case], split: Split) -> tuple[str, ...]:
    """The patients who are in two parts."""
    parts = [{cases[index].patient for index in part} for part in _parts(split).values()]
    return tuple(sorted(set().union(*(one & other for one, other in combinations(parts, 2)))))


def crossing_duplicates(cases: Sequence[Case], split: Split, pixels: NDArray[np.float32]) -> tuple[Duplicate, ...]:
    """
    The nodes that are under two patients, in two parts.

    Args:
        cases: What the split is about.
        split: Their parts.
        pixels: Their crops, (cases, slices, rows, columns).
    """
    part_of = {index: name for name, part in _parts(split).items() for index in part}
    pairs = find_duplicates(pixels, [case.patient for case in cases])
    return tuple(pair for pair in pairs if part_of.get(pair.first) != part_of.get(pair.second))


def _parts(split: Split) -> Mapping[str, Sequence[int]]:
    return {"training": split.training, "validation": split.validation, "test": split.test}


def _require_no_duplicate(cases: Sequence[Case], split: Split, pixels: NDArray[np.float32]) -> None:
    crossing = [
        f"{cases[pair.first].row} and {cases[pair.second].row}" for pair in crossing_duplicates(cases, split, pixels)
    ]
    if crossing:
        named = ", ".join(crossing[:NAMED_PAIRS])
        more = f" and {len(crossing) - NAMED_PAIRS} more pair(s)" if len(crossing) > NAMED_PAIRS else ""
        raise InvalidCases(
            f"rows {named}{more} show the same node under two patients, in two parts of the split; "
            "give both rows one patient in the table, or leave one of them out"
        )


def patients_by_class(cases: Sequence[Case]) -> tuple[int, int]:
    """How many patients have a benign node, and how many a metastatic one; a patient may count in both."""
    benign, metastatic = (len({case.patient for case in cases if case.label == label}) for label in NAMES)
    return benign, metastatic
