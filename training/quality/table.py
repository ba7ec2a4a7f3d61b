"""A table of cases, read so that one bad row does not stop the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.cases import Case, Row, doubled_rows, is_synthetic, read_rows
from training.quality.rule import Finding

SITE = "site"
"""Column, not needed, that says where a patient was scanned."""


@dataclass(frozen=True, slots=True)
class Table:
    """
    What a table of cases holds.

    Attributes:
        path: Its file.
        rows: All of them.
        cases: Of the rows without a fault.
        findings: About rows, before any image was read.
        synthetic: True for phantoms.
    """

    path: Path
    rows: tuple[Row, ...]
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    synthetic: bool


def read_table(cases_csv: Path) -> Table:
    """
    Read a table; what is wrong in a row is a finding.

    Raises:
        InvalidCases: it is no table at all, a column is missing, or there are no rows.
    """
    rows = read_rows(cases_csv)
    faults = [fault for row in rows for fault in row.faults()]
    faulty = {fault.row for fault in faults}
    cases = [row.case() for row in rows if row.number not in faulty]
    doubled = list(doubled_rows(cases))
    findings = [Finding(each.row, each.kind, f"{each.column} {each.what}") for each in [*faults, *doubled]]
    return Table(
        cases_csv,
        rows,
        tuple(case for case in cases if case.row not in {each.row for each in doubled}),
        (*findings, *_conflicts(cases), *_in_two_sites(rows)),
        is_synthetic(cases_csv),
    )


def _conflicts(cases: Iterable[Case]) -> Iterator[Finding]:
    """Rows that name one node of one mask, and do not agree on it."""
    groups: dict[tuple[Path, int], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.mask.resolve(), case.node].append(case)
    for group in groups.values():
        if len({case.label for case in group}) > 1:
            yield from (Finding(case.row, "conflicting-labels", _others(case, group)) for case in group)


def _others(case: Case, group: Iterable[Case]) -> str:
    return "the same node is labelled otherwise in row " + ", ".join(
        str(other.row) for other in group if other.label != case.label
    )


def _in_two_sites(rows: Sequence[Row]) -> Iterator[Finding]:
    sites: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        sites[row.cells["patient"]].add(row.cells.get(SITE, ""))
    for row in rows:
        if len(found := sites[row.cells["patient"]]) > 1:
            yield Finding(row.number, "patient-in-two-sites", "the patient's rows name " + ", ".join(sorted(found)))
