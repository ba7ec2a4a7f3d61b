import csv
import json

import numpy as np
import pytest

from tests.training.reproduction.small import SETTINGS
from training.errors import InvalidCases
from training.reproduction.cohort import kept_rows, require_all, write_phantoms


def test_the_table_has_the_paper_s_nodes_for_each_patient(finished):
    """All patients are in it, and as many nodes for each as in the paper."""
    assert SETTINGS.node_count == len(finished.cohort.given.cases)
    assert SETTINGS.patient_count == len(set(finished.cohort.patients))
    assert finished.cohort.given.synthetic


def test_the_true_labels_are_kept(finished):
    """Both kinds of labels are those of the cohort's own ledger, node by node."""
    with (finished.folder / "cohort" / "truth.csv").open(newline="") as file:
        ledger = {(row["patient"], int(row["node"])): row for row in csv.DictReader(file)}

    rows = [ledger[case.patient, case.node] for case in finished.cohort.given.cases]

    assert [int(row["label_given"]) for row in rows] == [case.label for case in finished.cohort.given.cases]
    assert [int(row["label_true"]) for row in rows] == finished.cohort.labels.tolist()
    assert np.mean([int(row["flipped"]) for row in rows]) == finished.cohort.wrong_share(finished.cohort.given) > 0


def test_a_cohort_that_is_there_is_not_drawn_again(finished):
    """A command that was stopped after the last phantom goes on with them."""
    images = finished.folder / "cohort" / "images"
    before = {path: path.stat().st_mtime_ns for path in images.iterdir()}

    facts = write_phantoms(finished.folder, SETTINGS)

    assert before == {path: path.stat().st_mtime_ns for path in images.iterdir()}
    assert json.loads((finished.folder / "cohort" / "cohort.json").read_text()) == facts


@pytest.mark.parametrize("seed", range(3))
def test_no_patient_is_left_out(seed):
    """One node of each patient is kept first, whatever the draw; the table's order stays."""
    patients = ["a", "a", "a", "b", "c", "c", "d", "d", "d", "d"]

    rows = kept_rows(patients, 6, seed)

    assert 6 == len(set(rows))
    assert sorted(rows) == rows
    assert set(patients) == {patients[n] for n in rows}


def test_nodes_that_nobody_can_read_are_told(finished):
    """Models that answer different nodes cannot be compared."""
    with pytest.raises(InvalidCases, match=r"1 node\(s\) of paper.csv have no crop or no features"):
        require_all(finished.cohort.given, range(SETTINGS.node_count - 1))
