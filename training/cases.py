"""The table of cases: which node of which patient is metastatic."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from imaging.file_digest import file_digest
from training.errors import InvalidCases

COLUMNS = ("image", "mask", "node", "patient", "label")

SCANNER_COLUMNS = ("scanner", "site")
"""May be there too: what CTs are told apart by in subgroups. The first of them counts."""

COHORT_FILE = "cohort.json"
"""Beside the table: what its rows cannot say. Today only whether the CTs are phantoms."""

HIGHEST_NODE = 65535


@dataclass(frozen=True, slots=True)
class Case:
    """
    One labelled lymph node.

    Attributes:
        image: File of the CT, or folder of its DICOM series.
        mask: File of the label map that marks the node.
        node: The node's value in the mask.
        patient: Whose it is; the unit of splitting.
        label: 1 metastatic, 0 benign.
        row: Of the table; the header is row 1.
        scanner: What it was scanned with, or where; empty if the table does not say.
    """

    image: Path
    mask: Path
    node: int
    patient: str
    label: int
    row: int
    scanner: str = ""


class FaultKind(StrEnum):
    """What can be wrong in a row."""

    EMPTY_CELL = "empty-cell"
    MISSING_FILE = "missing-file"
    WRONG_LABEL = "wrong-label"
    WRONG_NODE = "wrong-node"
    DOUBLED_ROW = "doubled-row"


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What is wrong where in the table.

    Attributes:
        row: Of the table; the header is row 1.
        column: Its name.
        kind: For those who count faults.
        what: For those who mend them.
    """

    row: int
    column: str
    kind: FaultKind
    what: str

    def error(self) -> InvalidCases:
        """The fault as what a strict reader raises."""
        return fault(self.row, self.column, self.what)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row of the table, as text.

    Attributes:
        number: The header is row 1.
        cells: By the name of their column, all columns of the table in their order.
        folder: What paths are relative to.
    """

    number: int
    cells: Mapping[str, str]
    folder: Path

    def faults(self) -> Iterator[Fault]:
        """All that is wrong in the row by itself; empty cells first."""
        filled = [name for name in COLUMNS if self.cells[name]]
        for name in COLUMNS:
            if name not in filled:
                yield Fault(self.number, name, FaultKind.EMPTY_CELL, "is empty")
        for name in filled:
            yield from self._faults_of(name)

    def case(self) -> Case:
        """The case; of a row without faults."""
        cells = self.cells
        image, mask = (self.folder / cells[name] for name in ("image", "mask"))
        scanner = next((cells[name] for name in SCANNER_COLUMNS if name in cells), "")
        return Case(image, mask, int(cells["node"]), cells["patient"], int(cells["label"]), self.number, scanner)

    def _faults_of(self, name: str) -> Iterator[Fault]:
        cell = self.cells[name]
        path = self.folder / cell
        if name in ("image", "mask") and not (path.is_file() or (name == "image" and path.is_dir())):
            yield Fault(self.number, name, FaultKind.MISSING_FILE, f"no such file: {cell}")
        if name == "label" and cell not in ("0", "1"):
            what = f"must be 0 (benign) or 1 (metastatic), got {cell!r}"
            yield Fault(self.number, name, FaultKind.WRONG_LABEL, what)
        if name == "node" and not (cell.isascii() and cell.isdecimal() and 1 <= int(cell) <= HIGHEST_NODE):
            what = f"must be a value in the mask, from 1 to {HIGHEST_NODE}, got {cell!r}"
            yield Fault(self.number, name, FaultKind.WRONG_NODE, what)


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    All cases of a table.

    Attributes:
        table: The file they were read from.
        cases: In the order of the table.
        synthetic: True for phantoms.
        file_digests: SHA-256 of each image and mask.
        digest: SHA-256 of all of the above but names of files and scanners.
        labels: Ledger and revision that the labels are from, or None for those of the table.
        labels_digest: Head of that ledger at that revision, or None.
    """

    table: Path
    cases: tuple[Case, ...]
    synthetic: bool
    file_digests: Mapping[Path, str]
    digest: str
    labels: str | None = None
    labels_digest: str | None = None

    def with_labels(self, labels: Sequence[int]) -> "Cohort":
        """The same nodes with other labels, one for each case: a cohort with another digest."""
        cases = tuple(replace(case, label=label) for case, label in zip(self.cases, labels, strict=True))
        return replace(self, cases=cases, digest=_cohort_digest(cases, self.file_digests, self.synthetic))


def read_cohort(cases_csv: Path) -> Cohort:
    """
    Read a table with the columns image, mask, node, patient and label, and perhaps scanner; paths are relative to it.

    Raises:
        InvalidCases: something is missing, twice, or not of its kind; the message names row and column.
    """
    cases = tuple(_sound_cases(read_rows(cases_csv)))
    for doubled in doubled_rows(cases):
        raise doubled.error()
    digests = {path: file_digest(path) for path in sorted({p for case in cases for p in (case.image, case.mask)})}
    _require_one_patient_for_each_image(cases, digests)
    synthetic = is_synthetic(cases_csv)
    return Cohort(cases_csv, cases, synthetic, digests, _cohort_digest(cases, digests, synthetic))


def read_rows(cases_csv: Path) -> tuple[Row, ...]:
    """
    Read the rows of a table, whatever their cells hold.

    Raises:
        InvalidCases: no such file, no table, a column is missing, or there are no rows.
    """
    if not cases_csv.is_file():
        raise InvalidCases(f"{cases_csv}: no such file")
    try:
        with cases_csv.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or ())
            missing = [name for name in COLUMNS if name not in columns]
            if missing:
                raise InvalidCases(f"{cases_csv} has no column {missing[0]!r}; it needs {','.join(COLUMNS)}")
            rows = tuple(
                Row(reader.line_num, {name: (cells[name] or "").strip() for name in columns}, cases_csv.parent)
                for cells in reader
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidCases(f"{cases_csv} is not a table in CSV and UTF-8: {error}") from error
    if not rows:
        raise InvalidCases(f"{cases_csv} has no rows")
    return rows


def _sound_cases(rows: Iterable[Row]) -> Iterator[Case]:
    for row in rows:
        for found in row.faults():
            raise found.error()
        yield row.case()


def fault(row: int, column: str, what: str) -> InvalidCases:
    """The error that says what is wrong where in the table."""
    return InvalidCases(f"row {row}, column {column}: {what}")


def doubled_rows(cases: Iterable[Case]) -> Iterator[Fault]:
    """A fault for each case whose node stands in an earlier row too."""
    first: dict[tuple[Path, int], Case] = {}
    for case in cases:
        earlier = first.setdefault((case.mask.resolve(), case.node), case)
        if earlier is not case:
            what = f"the same node of the same mask stands in row {earlier.row}"
            yield Fault(case.row, "node", FaultKind.DOUBLED_ROW, what)


def _require_one_patient_for_each_image(cases: tuple[Case, ...], digests: Mapping[Path, str]) -> None:
    """Refuse one CT, or a copy of it, under two patients: it would be learnt from and tested on."""
    first: dict[str, Case] = {}
    for case in cases:
        earlier = first.setdefault(digests[case.image], case)
        if earlier.patient != case.patient:
            raise fault(case.row, "patient", f"row {earlier.row} has the same CT under another patient")


def _cohort_digest(cases: tuple[Case, ...], digests: Mapping[Path, str], synthetic: bool) -> str:
    rows = [[digests[c.image], digests[c.mask], c.node, c.patient, c.label] for c in cases]
    return hashlib.sha256(json.dumps([synthetic, rows]).encode()).hexdigest()


def is_synthetic(cases_csv: Path) -> bool:
    """
    Whether the CTs of a table are phantoms, as ``cohort.json`` beside it says; they are not where there is none.

    Raises:
        InvalidCases: the file does not say it.
    """
    path = cases_csv.parent / COHORT_FILE
    if not path.is_file():
        return False
    try:
        synthetic = json.loads(path.read_text(encoding="utf-8"))["synthetic"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidCases(f'{path} must say whether the CTs are synthetic, like {{"synthetic": true}}') from error
    return bool(synthetic)
