import json
import shutil

import pytest

from imaging.file_digest import file_digest
from tests.training.cohorts import read_table, write_cohort, write_table
from training.cases import FaultKind, read_cohort, read_rows
from training.errors import InvalidCases


@pytest.fixture
def folder(tmp_path):
    """A cohort of its own for each test."""
    write_cohort(tmp_path, patient_count=4)
    return tmp_path


def changed(folder, row, **cells):
    """The table with other cells in one row; the first row is 0."""
    rows = read_table(folder / "cases.csv")
    rows[row].update(cells)
    return write_table(folder, rows)


def test_a_table_is_read(folder):
    """Paths are relative to the table, the order is the table's, and phantoms are known as such."""
    cohort = read_cohort(folder / "cases.csv")

    case = cohort.cases[1]
    assert (folder / "ct-1.nii.gz", folder / "mask-1.nii.gz") == (case.image, case.mask)
    assert (1, "p1", 1, 3) == (case.node, case.patient, case.label, case.row)
    assert cohort.synthetic


def test_other_columns_and_a_byte_order_mark_do_not_matter(folder):
    """What a spreadsheet program writes is read too."""
    digest = read_cohort(folder / "cases.csv").digest
    lines = (folder / "cases.csv").read_text().splitlines()
    text = "\r\n".join([f"{lines[0]},remark", *(f"{line},x" for line in lines[1:])])
    (folder / "cases.csv").write_text(text, encoding="utf-8-sig")

    assert digest == read_cohort(folder / "cases.csv").digest


@pytest.mark.parametrize(("column", "scanner"), [("scanner", "A"), ("site", "A"), ("remark", "")])
def test_scanners_are_known_where_the_table_has_them(folder, column, scanner):
    """A column for the scanner or the site is kept, any other is not; the digest is about what is learnt from."""
    digest = read_cohort(folder / "cases.csv").digest
    lines = (folder / "cases.csv").read_text().splitlines()
    (folder / "cases.csv").write_text("\n".join([f"{lines[0]},{column}", *(f"{line}, A" for line in lines[1:])]))
    cohort = read_cohort(folder / "cases.csv")

    assert {scanner} == {case.scanner for case in cohort.cases}
    assert digest == cohort.digest


def test_without_cohort_json_cases_are_real(folder):
    """A cohort counts as synthetic only where it says so."""
    (folder / "cohort.json").unlink()

    assert not read_cohort(folder / "cases.csv").synthetic


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"label": "2"}, r"row 4, column label: must be 0 \(benign\) or 1 \(metastatic\), got '2'"),
        ({"label": ""}, "row 4, column label: is empty"),
        ({"patient": " "}, "row 4, column patient: is empty"),
        ({"image": "gone.nii"}, "row 4, column image: no such file: gone.nii"),
        ({"mask": "gone.nii"}, "row 4, column mask: no such file: gone.nii"),
        ({"node": "0"}, "row 4, column node: must be a value in the mask, from 1 to 65535, got '0'"),
        ({"node": "1.5"}, "row 4, column node: must be a value in the mask, from 1 to 65535, got '1.5'"),
        ({"mask": "mask-0.nii.gz"}, "row 4, column node: the same node of the same mask stands in row 2"),
    ],
)
def test_a_fault_is_named_by_row_and_column(folder, cells, message):
    """Whoever keeps the table finds the cell at once."""
    with pytest.raises(InvalidCases, match=message):
        read_cohort(changed(folder, 2, **cells))


def test_a_row_tells_all_its_faults(folder):
    """A reader who goes on gets every fault of a row, and the cells of columns that we do not need."""
    table = changed(folder, 2, label="2", node="x", image="")
    lines = table.read_text().splitlines()
    table.write_text("\n".join([f"{lines[0]},site", *(f"{line},A" for line in lines[1:])]))

    rows = read_rows(table)

    kinds = [FaultKind.EMPTY_CELL, FaultKind.WRONG_NODE, FaultKind.WRONG_LABEL]
    assert [[], [], kinds, []] == [[fault.kind for fault in row.faults()] for row in rows]
    assert [2, 3, 4, 5] == [row.number for row in rows]
    assert {"A"} == {row.cells["site"] for row in rows}


def test_a_folder_can_be_a_ct(folder):
    """A DICOM series is digested by what its files hold, not by their names; a mask is one file."""
    for name, files in {"one": "ab", "other": "ba"}.items():
        (folder / name).mkdir()
        for number, content in enumerate(files):
            (folder / name / str(number)).write_text(content)

    cohort = read_cohort(changed(folder, 2, image="one"))

    assert file_digest(folder / "one") == file_digest(folder / "other") == cohort.file_digests[folder / "one"]
    with pytest.raises(InvalidCases, match="row 4, column mask: no such file: one"):
        read_cohort(changed(folder, 2, mask="one"))


def test_a_short_row_is_refused(folder):
    """A row with too few cells is a fault of the table, not of the program."""
    with (folder / "cases.csv").open("a") as file:
        file.write("ct-0.nii.gz,mask-0.nii.gz,2\n")

    with pytest.raises(InvalidCases, match="row 6, column patient: is empty"):
        read_cohort(folder / "cases.csv")


def test_a_missing_column_is_named(folder):
    """The message says which column is missing, and all that are needed."""
    table = folder / "cases.csv"
    table.write_text(table.read_text().replace("patient", "subject"))

    with pytest.raises(InvalidCases, match="no column 'patient'; it needs image,mask,node,patient,label"):
        read_cohort(table)


def test_an_empty_table_is_refused(folder):
    """A header alone is no cohort."""
    with pytest.raises(InvalidCases, match="has no rows"):
        read_cohort(write_table(folder, []))


def test_a_missing_table_is_refused(tmp_path):
    """A wrong path is said to be one."""
    with pytest.raises(InvalidCases, match="no such file"):
        read_cohort(tmp_path / "cases.csv")


def test_a_file_that_is_no_table_is_refused(folder):
    """An image in the place of the table makes a message, not a traceback."""
    with pytest.raises(InvalidCases, match="is not a table"):
        read_cohort(folder / "ct-0.nii.gz")


def test_a_copy_of_a_ct_under_another_patient_is_refused(folder):
    """The same bytes under two names of a patient would be learnt from and tested on."""
    shutil.copy(folder / "ct-0.nii.gz", folder / "copy.nii.gz")

    with pytest.raises(InvalidCases, match="row 4, column patient: row 2 has the same CT under another patient"):
        read_cohort(changed(folder, 2, image="copy.nii.gz"))


@pytest.mark.parametrize("text", ["{}", "[]", "synthetic", '"synthetic"'])
def test_a_damaged_cohort_json_is_refused(folder, text):
    """Whether CTs are synthetic is never guessed."""
    (folder / "cohort.json").write_text(text)

    with pytest.raises(InvalidCases, match="must say whether the CTs are synthetic"):
        read_cohort(folder / "cases.csv")


def test_the_digest_follows_what_is_learnt_from(folder):
    """Another label, another image or another origin is another cohort; another path is not."""
    first = read_cohort(folder / "cases.csv").digest

    moved = folder / "moved"
    shutil.copytree(folder, moved, ignore=shutil.ignore_patterns("moved"))
    assert first == read_cohort(moved / "cases.csv").digest
    (moved / "cohort.json").write_text(json.dumps({"synthetic": False}))
    assert first != read_cohort(moved / "cases.csv").digest
    assert first != read_cohort(changed(folder, 0, label="1")).digest
    changed(folder, 0, label="0")
    with (folder / "ct-0.nii.gz").open("ab") as file:
        file.write(b"\0")
    assert first != read_cohort(folder / "cases.csv").digest
