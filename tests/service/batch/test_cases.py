"""Tables of cases."""

import pytest

from service.batch.case import ALL_NODES
from service.batch.cases import read_table
from service.batch.faults import InvalidCohort
from tests.service.batch.cohorts import write_table

ALL = ("image", "mask", "node", "patient", "label")


def test_the_table_of_a_training_job_is_a_cohort(cohort):
    """Rows of one mask are one case, with the labels of its nodes, in the order of the table."""
    read = read_table(cohort)

    assert [f"c{n:03}" for n in range(10)] == [case.name for case in read.cases]
    assert ("p0", {1: 1, 2: 0}, (1, 2)) == (read.cases[0].patient, read.cases[0].labels, read.cases[0].nodes)
    assert cohort.parent / "images" / "c000.nii.gz" == read.cases[0].image
    assert (True, False) == (read.by_value, read.synthetic)
    assert [""] * 10 == [case.problem for case in read.cases]


def test_image_and_mask_are_enough(tmp_path):
    """Nodes then are not told apart by value, and nothing is known about them."""
    read = read_table(write_table(tmp_path / "t.csv", ("mask", "image"), [("m.nii.gz", "a.nii.gz")]))

    assert (False, "", {}) == (read.by_value, read.cases[0].patient, read.cases[0].labels)


def test_a_label_without_a_node_is_that_of_the_mask(tmp_path):
    """As in a table of masks that each mark one lesion."""
    table = write_table(tmp_path / "t.csv", ("image", "mask", "label"), [("a", "m", 1), ("b", "n", "")])

    assert [{ALL_NODES: 1}, {}] == [case.labels for case in read_table(table).cases]


def test_a_case_may_be_named(tmp_path):
    """Its results then have that name."""
    table = write_table(
        tmp_path / "t.csv", ("case", "image", "mask"), [("first", "a/ct", "m"), ("second", "b/ct", "m")]
    )

    assert ["first", "second"] == [case.name for case in read_table(table).cases]


def test_phantoms_are_known_by_the_file_beside_the_table(tmp_path):
    """As the command that makes phantoms writes it."""
    table = write_table(tmp_path / "t.csv", ("image", "mask"), [("a", "m")])
    (tmp_path / "cohort.json").write_text('{"synthetic": true}')

    assert read_table(table).synthetic


BAD_ROWS = [
    (("", "m", 1, "p", 0), "row 2, column image: is empty"),
    (("a", "", 1, "p", 0), "row 2, column mask: is empty"),
    (("a", "m", "x", "p", 0), "row 2, column node: must be a value in the mask, from 1 to 65535, got 'x'"),
    (("a", "m", 0, "p", 0), "row 2, column node: must be a value in the mask, from 1 to 65535, got '0'"),
    (("a", "m", 1, "p", 2), "row 2, column label: must be 0 (benign), 1 (metastatic) or empty, got '2'"),
]


@pytest.mark.parametrize(("row", "problem"), BAD_ROWS)
def test_a_bad_row_spoils_its_case_only(tmp_path, row, problem):
    """The row and what is wrong in it are named; the next case is whole."""
    read = read_table(write_table(tmp_path / "t.csv", ALL, [row, ("b", "n", 1, "q", 1)]))

    assert [problem, ""] == [case.problem for case in read.cases]


def test_rows_that_contradict_each_other_spoil_their_case(tmp_path):
    """One node twice, one CT under two patients, one mask in two rows without a node."""
    twice = read_table(write_table(tmp_path / "a.csv", ALL, [("a", "m", 1, "p", 0), ("a", "m", 1, "p", 1)]))
    torn = read_table(write_table(tmp_path / "b.csv", ALL, [("a", "m", 1, "p", 0), ("a", "m", 2, "q", 1)]))
    same = read_table(write_table(tmp_path / "c.csv", ALL[:2], [("a", "m"), ("a", "m")]))

    assert "row 3, column node: the same stands in row 2" == twice.cases[0].problem
    assert "row 3, column patient: row 2 has the same CT under another patient" == torn.cases[0].problem
    assert "row 3, column mask: the same stands in row 2" == same.cases[0].problem


def test_what_is_no_table_is_refused(tmp_path):
    """No file, no column, no rows, no text: each is said."""
    (tmp_path / "binary.csv").write_bytes(b"image,mask\n\xff\xfe,a\n")
    write_table(tmp_path / "columns.csv", ("image", "label"), [("a", 1)])
    write_table(tmp_path / "empty.csv", ("image", "mask"), [])

    for name, problem in (
        ("none", "no such file"),
        ("binary", "not a table in CSV and UTF-8"),
        ("columns", "no column 'mask'"),
        ("empty", "has no rows"),
    ):
        with pytest.raises(InvalidCohort, match=problem):
            read_table(tmp_path / f"{name}.csv")
