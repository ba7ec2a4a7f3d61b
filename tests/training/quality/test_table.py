import pytest

from tests.training.cohorts import read_table as rows_of
from tests.training.cohorts import write_cohort, write_table
from training.errors import InvalidCases
from training.quality.table import read_table


@pytest.fixture
def folder(tmp_path):
    """A cohort of its own for each test."""
    write_cohort(tmp_path, patient_count=5)
    return tmp_path


def named(table):
    """Row and rule of each finding."""
    return [(finding.row, finding.rule) for finding in table.findings]


def test_one_bad_row_does_not_stop_the_others(folder):
    """Every fault of every row is named, and the sound rows go on."""
    rows = rows_of(folder / "cases.csv")
    rows[0]["image"] = "gone.nii"
    rows[1].update(label="2", node="0")
    rows[3]["patient"] = ""

    table = read_table(write_table(folder, rows))

    assert [(2, "missing-file"), (3, "wrong-node"), (3, "wrong-label"), (5, "empty-cell")] == named(table)
    assert [4, 6] == [case.row for case in table.cases]
    assert 5 == len(table.rows)


def test_a_doubled_row_counts_once(folder):
    """The later of two equal rows is left out; where they disagree on the label, both are named."""
    rows = rows_of(folder / "cases.csv")
    other = {**rows[1], "label": "0"}

    table = read_table(write_table(folder, [*rows, rows[0], other]))

    conflicts = [(3, "conflicting-labels"), (8, "conflicting-labels")]
    assert [(7, "doubled-row"), (8, "doubled-row"), *conflicts] == named(table)
    assert [2, 3, 4, 5, 6] == [case.row for case in table.cases]


def test_a_patient_in_two_sites_is_named(folder):
    """The column site is not needed; where it is, one patient belongs to one site."""
    rows = rows_of(folder / "cases.csv")
    rows[1]["patient"] = rows[0]["patient"]
    lines = [",".join([*row.values(), site]) for row, site in zip(rows, "ABABB", strict=True)]
    (folder / "cases.csv").write_text("\n".join([",".join([*rows[0], "site"]), *lines]) + "\n")

    table = read_table(folder / "cases.csv")

    assert [(2, "patient-in-two-sites"), (3, "patient-in-two-sites")] == named(table)
    assert "the patient's rows name A, B" == table.findings[0].detail
    assert 5 == len(table.cases)


def test_a_missing_column_refuses_the_table(folder):
    """Without a column no row can be read."""
    text = (folder / "cases.csv").read_text()
    (folder / "cases.csv").write_text(text.replace("label", "verdict", 1))

    with pytest.raises(InvalidCases, match="has no column 'label'"):
        read_table(folder / "cases.csv")
