"""Worklists, as an audit writes them, and as a reader fills them in."""

import csv
from pathlib import Path

import numpy as np

from imaging.review import Verdict
from training.cases import Cohort
from training.labels.selection import chosen
from training.labels.worklist import Item, items_of, write_worklist


def write_items(folder: Path, cohort: Cohort, size: int) -> tuple[Item, ...]:
    """Write the worklist and the key of some nodes, half of them controls."""
    qualities = np.random.default_rng(0).random(len(cohort.cases))
    choices = chosen(qualities, size, 0.5, 0)
    items = items_of(cohort, cohort.cases, choices, qualities)
    folder.mkdir()
    write_worklist(folder, cohort.table, [cohort.cases[choice.node] for choice in choices], items)
    return items


def fill(worklist: Path, verdicts: dict[int, Verdict | str], **cells: str) -> Path:
    """Fill a copy of the worklist in: verdicts by item, and the same other cells in each answered row."""
    with worklist.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if int(row["item"]) in verdicts:
            row.update(cells, verdict=str(verdicts[int(row["item"])]))
    filled = worklist.with_name("filled.csv")
    with filled.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return filled
