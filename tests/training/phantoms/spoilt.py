"""A small patient on disk, and what the check says about it."""

from pathlib import Path

import numpy as np

from tests.imaging.scenes import ellipsoids
from tests.training.cohorts import GRID, read_table, write_cohort
from training.cases import Row
from training.phantoms.stored import StoredPatient, TableRow
from training.quality.examination import examine
from training.quality.measured import EXPECTED

NODES = ellipsoids(GRID, ((5.0, 20.0, 43.0), (4.0, 4.0, 5.0)), ((23.0, 20.0, 43.0), (4.0, 4.0, 5.0)))


def stored_patient(folder: Path, node_count: int = 1) -> StoredPatient:
    """One or two nodes of 60 HU in fat, and a donor with slices of its own."""
    write_cohort(folder, patient_count=2)
    rows = read_table(folder / "cases.csv")
    patient = StoredPatient(
        folder, [{**rows[0], "node": str(n + 1)} for n in range(node_count)], folder / "mask-1.nii.gz"
    )
    labels = np.where(NODES.labels <= node_count, NODES.labels, 0).astype(np.uint8)
    hu = np.random.default_rng(5).normal(-100, 10, GRID.shape) + 160 * (labels > 0)
    patient.write_ct(np.round(hu).astype(np.int16), GRID)
    patient.write_marks(labels, GRID)
    return patient


def rules_broken(patient: StoredPatient, row: TableRow) -> set[str]:
    """What the check finds in one row, from the image on."""
    case = Row(2, row, patient.folder).case()
    return {finding.rule for finding in examine([case])[1]}


def is_expected(name: str, rules: set[str]) -> bool:
    """Whether these rules are those of a defect, and no others."""
    expected = EXPECTED[name]
    return expected.must <= rules <= expected.must | expected.may
