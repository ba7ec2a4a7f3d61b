"""The table of cases: which node of which patient is metastatic."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
        image: File of the CT.
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
    if not cases_csv.is_file():
        raise InvalidCases(f"{cases_csv}: no such file")
    cases = tuple(_cases(cases_csv))
    if not cases:
        raise InvalidCases(f"{cases_csv} has no rows")
    _require_distinct(cases)
    digests = {path: _file_digest(path) for path in sorted({p for case in cases for p in (case.image, case.mask)})}
    _require_one_patient_for_each_image(cases, digests)
    synthetic = _synthetic(cases_csv.parent / COHORT_FILE)
    return Cohort(cases_csv, cases, synthetic, digests, _cohort_digest(cases, digests, synthetic))


def _cases(cases_csv: Path) -> Iterator[Case]:
    try:
        with cases_csv.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidCases(f"{cases_csv} has no column {missing[0]!r}; it needs {','.join(COLUMNS)}")
            for row in reader:
                yield _case(row, reader.line_num, cases_csv.parent)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidCases(f"{cases_csv} is not a table in CSV and UTF-8: {error}") from error


def _case(row: Mapping[str, str | None], number: int, folder: Path) -> Case:
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    for name, cell in cells.items():
        if not cell:
            raise fault(number, name, "is empty")
    for name in ("image", "mask"):
        if not (folder / cells[name]).is_file():
            raise fault(number, name, f"no such file: {cells[name]}")
    if cells["label"] not in ("0", "1"):
        raise fault(number, "label", f"must be 0 (benign) or 1 (metastatic), got {cells['label']!r}")
    node = cells["node"]
    if not (node.isascii() and node.isdecimal() and 1 <= int(node) <= HIGHEST_NODE):
        raise fault(number, "node", f"must be a value in the mask, from 1 to {HIGHEST_NODE}, got {node!r}")
    image, mask = (folder / cells[name] for name in ("image", "mask"))
    scanner = next((row[name] or "" for name in SCANNER_COLUMNS if name in row), "").strip()
    return Case(image, mask, int(node), cells["patient"], int(cells["label"]), number, scanner)


def fault(row: int, column: str, what: str) -> InvalidCases:
    """The error that says what is wrong where in the table."""
    return InvalidCases(f"row {row}, column {column}: {what}")


def _require_distinct(cases: tuple[Case, ...]) -> None:
    first: dict[tuple[Path, int], Case] = {}
    for case in cases:
        earlier = first.setdefault((case.mask.resolve(), case.node), case)
        if earlier is not case:
            raise fault(case.row, "node", f"the same node of the same mask stands in row {earlier.row}")


def _require_one_patient_for_each_image(cases: tuple[Case, ...], digests: Mapping[Path, str]) -> None:
    """Refuse one CT, or a copy of it, under two patients: it would be learnt from and tested on."""
    first: dict[str, Case] = {}
    for case in cases:
        earlier = first.setdefault(digests[case.image], case)
        if earlier.patient != case.patient:
            raise fault(case.row, "patient", f"row {earlier.row} has the same CT under another patient")


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cohort_digest(cases: tuple[Case, ...], digests: Mapping[Path, str], synthetic: bool) -> str:
    rows = [[digests[c.image], digests[c.mask], c.node, c.patient, c.label] for c in cases]
    return hashlib.sha256(json.dumps([synthetic, rows]).encode()).hexdigest()


def _synthetic(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        synthetic = json.loads(path.read_text(encoding="utf-8"))["synthetic"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidCases(f'{path} must say whether the CTs are synthetic, like {{"synthetic": true}}') from error
    return bool(synthetic)
