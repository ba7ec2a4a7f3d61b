import csv

import pytest

from tests.training.reproduction.small import SETTINGS
from training.errors import InvalidCases
from training.reproduction.cohort import kept_rows, require_all, write_phantoms


def ledger_of(path):
    """Its rows by patient and node."""
    with path.open(newline="") as file:
        return {(row["patient"], int(row["node"])): row for row in csv.DictReader(file)}


def test_the_table_has_the_paper_s_nodes_for_each_patient(finished):
    """All patients are in it, and as many nodes for each as in the paper."""
    assert SETTINGS.node_count == len(finished.cohort.given.cases)
    assert SETTINGS.patient_count == len(set(finished.cohort.patients))
    assert finished.cohort.given.synthetic


def test_the_true_labels_are_kept(finished):
    """Both kinds of labels are those of a ledger, node by node; the true ones are those of the phantoms themselves."""
    folder = finished.folder / "cohort"
    rows, phantoms = ledger_of(folder / "paper-truth.csv"), ledger_of(folder / "truth.csv")
    places = [(case.patient, case.node) for case in finished.cohort.given.cases]

    assert places == list(rows)
    assert [int(row["label_given"]) for row in rows.values()] == [case.label for case in finished.cohort.given.cases]
    assert [int(row["label_true"]) for row in rows.values()] == finished.cohort.labels.tolist()
    assert [row["label_true"] for row in rows.values()] == [phantoms[place]["label_true"] for place in places]
    assert [row["label_true"] != row["label_given"] for row in rows.values()] == [
        row["flipped"] == "1" for row in rows.values()
    ]


def test_as_many_labels_are_wrong_as_asked_for(finished):
    """To the nearest node among those that are read; what is told of the cohort says so too."""
    wrong = round(SETTINGS.label_noise * SETTINGS.node_count)

    assert wrong == round(finished.found.wrong_share * SETTINGS.node_count)
    assert ("exact:0.3", wrong) == (finished.found.cohort["label_noise"], finished.found.cohort["flipped_labels"])


def test_a_cohort_that_is_there_is_not_drawn_again(finished):
    """A command that was stopped after the last phantom goes on with them."""
    images = finished.folder / "cohort" / "images"
    before = {path: path.stat().st_mtime_ns for path in images.iterdir()}

    facts = write_phantoms(finished.folder, SETTINGS)

    assert before == {path: path.stat().st_mtime_ns for path in images.iterdir()}
    assert finished.found.cohort == facts


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
