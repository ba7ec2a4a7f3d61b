"""Defects put into a cohort of phantoms on purpose, with a ledger of what was done."""

import csv
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from training.cases import is_synthetic, read_rows
from training.errors import InvalidOptions
from training.phantoms.ct_defects import CT_DEFECTS
from training.phantoms.mask_defects import MASK_DEFECTS
from training.phantoms.row_defects import ROW_DEFECTS
from training.phantoms.stored import StoredPatient, TableRow

LEDGER_FILE = "defects.csv"
"""Beside the table of cases."""

LEDGER_COLUMNS = ("row", "defect")

DEFECTS = {**ROW_DEFECTS, **CT_DEFECTS, **MASK_DEFECTS}
"""All that can be put into a cohort; each changes one patient and gives back the rows that it strikes."""

NODE_COUNTS = {
    "cut-ct": (1, 1),
    "mask-off-body": (1, 1),
    "two-parts": (1, 1),
    "grown-mask": (1, 1),
    "two-sites": (2, 9),
}
"""Least and most nodes of a patient whom the defect can strike; the others take any."""

SITE = "A"


def inject_defects(cohort_folder: Path, share: float, seed: int) -> tuple[tuple[int, str], ...]:
    """
    Spoil a share of the patients of a cohort, each in one way, and write ``defects.csv`` beside the new table.

    The kinds of defects are dealt in turn, so that each is as frequent as the others; one that suits no patient who is
    left is left out.

    Returns:
        Row of the table and name of the defect, for each row that is struck.

    Raises:
        InvalidOptions: the share leaves no sound patient or no spoilt one, or the cohort is real or spoilt already.
        InvalidCases: it is no cohort.
    """
    table = cohort_folder / "cases.csv"
    patients = _patients(table)
    rng = np.random.default_rng([seed, len(patients)])
    order = [str(name) for name in rng.permutation(sorted(patients))]
    count = round(share * len(order))
    if not 1 <= count < len(order):
        raise InvalidOptions(f"defects in {share:g} of {len(order)} patients: some must be struck, and not all")
    if not is_synthetic(table) or (cohort_folder / LEDGER_FILE).exists():
        raise InvalidOptions(f"{cohort_folder}: defects go into phantoms only, and only once")
    *pending, sound = order
    donor = cohort_folder / patients[sound][0]["mask"]
    dealt = islice(cycle(rng.permutation(sorted(DEFECTS)).tolist()), count)
    struck: list[tuple[TableRow, str]] = []
    for name in sorted(dealt, key=lambda name: name not in NODE_COUNTS):
        if chosen := next((patient for patient in pending if _suits(name, patients[patient])), None):
            pending.remove(chosen)
            struck += [(row, name) for row in DEFECTS[name](StoredPatient(cohort_folder, patients[chosen], donor), rng)]
    return _write(table, patients.values(), struck)


def _patients(table: Path) -> dict[str, list[TableRow]]:
    patients: dict[str, list[TableRow]] = {}
    for row in read_rows(table):
        patients.setdefault(row.cells["patient"], []).append(dict(row.cells))
    return patients


def _suits(name: str, rows: list[TableRow]) -> bool:
    least, most = NODE_COUNTS.get(name, (1, len(rows)))
    return least <= len(rows) <= most


def _write(
    table: Path, patients: Iterable[list[TableRow]], struck: list[tuple[TableRow, str]]
) -> tuple[tuple[int, str], ...]:
    rows = [row for patient in patients for row in patient]
    sited = any("site" in row for row in rows)
    columns = [name for name in rows[0] if name != "site"] + ["site"] * sited
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval=SITE)
        writer.writeheader()
        writer.writerows(rows)
    numbers = {id(row): number for number, row in enumerate(rows, start=2)}
    ledger = tuple(sorted((numbers[id(row)], name) for row, name in struck))
    with (table.parent / LEDGER_FILE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([LEDGER_COLUMNS, *ledger])
    return ledger
