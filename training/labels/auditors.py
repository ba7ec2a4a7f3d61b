"""Models whose out-of-fold answers say which labels to doubt."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from training.calibrate import calibrated
from training.cases import Case, Cohort
from training.errors import InvalidCases, InvalidOptions
from training.split import FOLD_COUNT, patient_folds

KEYS = ("patient", "image", "node", "label")
SCORES = ("logit", "probability")
"""The column that is read where none is named: the first that is there."""

FEWEST = 2
ALIKE = 0.999
"""Rank correlation from which two auditors are one."""

NodeName = tuple[str, str, str]
"""Patient, name of the CT's file, and value in the mask, as in a table of predictions."""


@dataclass(frozen=True, slots=True, eq=False)
class Auditor:
    """
    One model.

    Attributes:
        name: As in the reports.
        scores: Out of fold, (nodes,); the higher, the more likely metastatic.
        probabilities: Calibrated on other patients, (nodes,).
    """

    name: str
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """
    Several auditors, and the nodes that all of them answered.

    Attributes:
        cases: The nodes.
        auditors: Two at least.
        left_out_count: Nodes of the cohort that not all have answered.
    """

    cases: tuple[Case, ...]
    auditors: tuple[Auditor, ...]
    left_out_count: int

    @property
    def labels(self) -> NDArray[np.int64]:
        """As given: 1 metastatic, 0 benign, (nodes,)."""
        return np.array([case.label for case in self.cases], dtype=np.int64)

    @property
    def patients(self) -> list[str]:
        """Whose the nodes are."""
        return [case.patient for case in self.cases]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The mean over the auditors, (nodes,)."""
        mean: NDArray[np.float64] = np.mean([auditor.probabilities for auditor in self.auditors], axis=0)
        return mean


def read_panel(cohort: Cohort, predictions: Sequence[str], seed: int) -> Panel:
    """
    Read tables of out-of-fold answers, given as ``NAME=FILE`` or ``NAME=FILE:COLUMN``.

    Raises:
        InvalidOptions: fewer than two, two of one name, or two that answer alike.
        InvalidCases: a table is none, is of other nodes or labels, or leaves too few.
    """
    if len(predictions) < FEWEST:
        raise InvalidOptions(f"an audit needs the predictions of {FEWEST} unlike models at least")
    scores: dict[str, dict[int, float]] = {}
    places = _places(cohort)
    for words in predictions:
        name, equals, source = words.partition("=")
        if not (name and equals and source) or name in scores:
            raise InvalidOptions(f"--predictions {words}: must be NAME=FILE or NAME=FILE:COLUMN, each NAME once")
        scores[name] = _scores(*_file_and_column(source), cohort, places)
    answered = sorted(set.intersection(*(set(each) for each in scores.values())))
    cases = tuple(cohort.cases[index] for index in answered)
    by_name = {name: np.array([each[index] for index in answered]) for name, each in scores.items()}
    return panel_of(cases, by_name, seed, len(cohort.cases) - len(cases))


def panel_of(
    cases: Sequence[Case], scores: Mapping[str, NDArray[np.float64]], seed: int, left_out_count: int = 0
) -> Panel:
    """
    Make auditors of scores out of fold, (nodes,), by name.

    Raises:
        InvalidOptions: two rank the nodes alike.
        InvalidCases: too few patients of a class.
    """
    _require_unlike(scores)
    auditors = tuple(Auditor(name, each, calibrated_out_of_fold(cases, each, seed)) for name, each in scores.items())
    return Panel(tuple(cases), auditors, left_out_count)


def calibrated_out_of_fold(cases: Sequence[Case], scores: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """
    Probabilities from scores of any scale, (nodes,): Platt's line is fitted on other patients than it is used on.

    Raises:
        InvalidCases: too few patients of a class.
    """
    labels, probabilities = np.array([case.label for case in cases]), np.empty(len(cases))
    for fold in patient_folds(cases, FOLD_COUNT, seed):
        held_out = np.isin(np.arange(len(cases)), fold)
        others = scores[~held_out]
        standard = (scores - others.mean()) / (others.std() or 1.0)
        line = calibrated(labels[~held_out], standard[~held_out])
        probabilities[held_out] = [line.probability(score) for score in standard[held_out].tolist()]
    return probabilities


def node_scores(path: Path, column: str | None, cohort: Cohort) -> dict[int, float]:
    """
    The scores of a cohort's nodes, by place, in a table of predictions; the mean where a node was answered repeatedly.

    Raises:
        InvalidCases: it is no such table, or of other nodes or labels.
    """
    return _scores(path, column, cohort, _places(cohort))


def _places(cohort: Cohort) -> dict[NodeName, int]:
    places: dict[NodeName, int] = {}
    for index, case in enumerate(cohort.cases):
        if places.setdefault((case.patient, case.image.name, str(case.node)), index) != index:
            raise InvalidCases(
                f"row {case.row}: another CT of the same patient has the same file name and node, so that predictions "
                "cannot be told apart; rename one"
            )
    return places


def _file_and_column(source: str) -> tuple[Path, str | None]:
    name, colon, column = source.rpartition(":")
    return (Path(name), column) if colon and not Path(source).is_file() else (Path(source), None)


def _scores(path: Path, column: str | None, cohort: Cohort, places: Mapping[NodeName, int]) -> dict[int, float]:
    """The score of each case by its place; the mean where a node was answered several times."""
    found: dict[int, list[float]] = {}
    for number, node, label, score in answered_rows(path, column):
        place = places.get(node)
        if place is None:
            raise InvalidCases(f"{path}, row {number}: no such node in {cohort.table}")
        if label != str(cohort.cases[place].label):
            raise InvalidCases(f"{path}, row {number}: the node's label is another in {cohort.table}; predict again")
        found.setdefault(place, []).append(score)
    return {place: float(np.mean(each)) for place, each in found.items()}


def answered_rows(path: Path, column: str | None) -> Iterator[tuple[int, NodeName, str, float]]:
    """
    Number, node, label as it stands there, and score of each row of a table of predictions.

    Raises:
        InvalidCases: it is no such table, or a score is no number.
    """
    if not path.is_file():
        raise InvalidCases(f"{path}: no such file")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or ()
        score = column or next((name for name in SCORES if name in names), SCORES[0])
        for name in (*KEYS, score):
            if name not in names:
                raise InvalidCases(f"{path} has no column {name!r}; it has {','.join(names)}")
        for row in reader:
            patient, image, node, label, value = (row[name] or "" for name in (*KEYS, score))
            yield reader.line_num, (patient, image, node), label, _finite(value, f"{path}, row {reader.line_num}")


def _finite(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise InvalidCases(f"{where}: {cell!r} is no score")
    return value


def _require_unlike(scores: Mapping[str, NDArray[np.float64]]) -> None:
    for one, other in combinations(scores, 2):
        if len(scores[one]) < FEWEST or np.ptp(scores[one]) == 0 or np.ptp(scores[other]) == 0:
            continue
        if spearmanr(scores[one], scores[other]).statistic > ALIKE:
            raise InvalidOptions(f"{one} and {other} rank the nodes alike: an audit needs unlike models")
