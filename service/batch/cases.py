"""
The cases of a cohort, from a table.

A CSV in UTF-8 with the columns ``image`` and ``mask``, and perhaps ``node`` (a value in the mask), ``patient``,
``label`` (1 metastatic, 0 benign) and ``case`` (a name for the results). Paths are relative to the table; an image may
be the folder of a DICOM series. The table of a training job is such a table. Rows with the same files are one case. A
``label`` without ``node`` is that of every node of the mask. What is wrong in a row spoils its case only.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.batch.case import ALL_NODES, Case
from service.batch.faults import InvalidCohort
from service.batch.naming import names_of

NEEDED = ("image", "mask")
OPTIONAL = ("node", "patient", "label", "case")

COHORT_FILE = "cohort.json"
"""Beside the table: says whether the CTs are phantoms, ``{"synthetic": true}``; `nodelens-train phantom` writes it."""

HIGHEST_NODE = 65535


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    What is to be scored.

    Attributes:
        cases: In the order in which results are listed.
        by_value: Whether nodes are told apart by their values in the mask, since the cases speak of these.
        synthetic: Whether the CTs are known to be phantoms.
    """

    cases: tuple[Case, ...]
    by_value: bool = False
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: its number (the header is row 1), its cells by column, and the folder of its paths."""

    number: int
    cells: Mapping[str, str]
    folder: Path

    @property
    def paths(self) -> tuple[Path, Path]:
        """Of image and mask."""
        image, mask = (self.folder / self.cells[name] for name in NEEDED)
        return image, mask

    @property
    def node(self) -> int:
        """The value in the mask; of a row without faults."""
        return int(self.cells.get("node") or ALL_NODES)

    @property
    def fault(self) -> str:
        """The first thing that is wrong in the row by itself; empty if nothing is."""
        for name in NEEDED:
            if not self.cells[name]:
                return self.said(name, "is empty")
        node, label = self.cells.get("node"), self.cells.get("label")
        if node is not None and not (node.isascii() and node.isdecimal() and 1 <= int(node) <= HIGHEST_NODE):
            return self.said("node", f"must be a value in the mask, from 1 to {HIGHEST_NODE}, got {node!r}")
        if label and label not in ("0", "1"):
            return self.said("label", f"must be 0 (benign), 1 (metastatic) or empty, got {label!r}")
        return ""

    def said(self, column: str, what: str) -> str:
        """What is wrong where."""
        return f"row {self.number}, column {column}: {what}"


def read_table(path: Path) -> Cohort:
    """
    Read a table of cases; faults of rows are kept as problems of their cases.

    Raises:
        InvalidCohort: no such file, no table, a column is missing, or there are no rows.
    """
    rows = tuple(_rows(path))
    if not rows:
        raise InvalidCohort(f"{path} has no rows")
    groups: dict[object, list[Row]] = {}
    for row in rows:
        # A row without both files cannot be of one case with another.
        groups.setdefault(row.paths if all(row.cells[name] for name in NEEDED) else row.number, []).append(row)
    names = _names(list(groups.values()), path.parent)
    cases = tuple(_case(name, group) for name, group in zip(names, groups.values(), strict=True))
    return Cohort(cases, "node" in rows[0].cells, is_synthetic(path.parent))


def _rows(path: Path) -> Iterator[Row]:
    if not path.is_file():
        raise InvalidCohort(f"{path}: no such file")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidCohort(f"{path} has no column {missing[0]!r}; it needs {','.join(NEEDED)}")
            present = [name for name in (*NEEDED, *OPTIONAL) if name in (reader.fieldnames or ())]
            for cells in reader:
                yield Row(reader.line_num, {name: (cells[name] or "").strip() for name in present}, path.parent)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidCohort(f"{path} is not a table in CSV and UTF-8: {error}") from error


def _names(groups: Sequence[Sequence[Row]], root: Path) -> list[str]:
    named = [
        Path(group[0].cells.get("case") or group[0].cells["image"] or f"row-{group[0].number}") for group in groups
    ]
    return names_of([path if path.is_absolute() else root / path for path in named], root)


def _case(name: str, rows: Sequence[Row]) -> Case:
    first = rows[0]
    image, mask = first.paths
    problem = next(_problems(rows), "")
    if problem:
        return Case(name, image, mask, first.cells.get("patient", ""), problem=problem)
    labels = {row.node: int(row.cells["label"]) for row in rows if row.cells.get("label")}
    nodes = tuple(row.node for row in rows if row.node != ALL_NODES)
    return Case(name, image, mask, first.cells.get("patient", ""), labels, nodes)


def _problems(rows: Iterable[Row]) -> Iterator[str]:
    """All that is wrong in the rows of one case."""
    seen: dict[int, Row] = {}
    for row in rows:
        if row.fault:
            yield row.fault
            continue
        earlier = seen.setdefault(row.node, row)
        if earlier is not row:
            column = "node" if "node" in row.cells else "mask"
            yield row.said(column, f"the same stands in row {earlier.number}")
        first = next(iter(seen.values()))
        if row.cells.get("patient") != first.cells.get("patient"):
            yield row.said("patient", f"row {first.number} has the same CT under another patient")


def is_synthetic(folder: Path) -> bool:
    """Whether the CTs in a folder are phantoms, as ``cohort.json`` in it says; not known to be where there is none."""
    try:
        return bool(json.loads((folder / COHORT_FILE).read_text(encoding="utf-8"))["synthetic"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
