"""Small cohorts of bright and dark ellipsoids, which any network can tell apart."""

import csv
import json
from pathlib import Path

import numpy as np

from imaging.files import write_image
from imaging.geometry import Geometry
from tests.imaging.scenes import ellipsoids
from training.cases import COLUMNS

GRID = Geometry((14, 48, 48), (2.0, 1.0, 1.0), (-10.0, 5.0, 30.0))
CENTRE_MM = (13.5, 28.5, 43.0)
"""Of each node, in LPS."""


def write_cohort(folder: Path, patient_count: int = 12, seed: int = 0, synthetic: bool = True) -> Path:
    """Write scans with one node each, every second one metastatic and bright; give back the table."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    rows = [_write_case(folder, patient, patient % 2, rng) for patient in range(patient_count)]
    (folder / "cohort.json").write_text(json.dumps({"synthetic": synthetic}))
    return write_table(folder, rows)


def write_table(folder: Path, rows: list[dict[str, str]]) -> Path:
    """Write the table of cases."""
    with (folder / "cases.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder / "cases.csv"


def read_table(cases_csv: Path) -> list[dict[str, str]]:
    """The rows of the table, for a test to spoil."""
    with cases_csv.open(newline="") as file:
        return list(csv.DictReader(file))


def write_huge_mask(path: Path) -> None:
    """Write a mask around the nodes whose only one is three metres large: its spacing is not that of a CT."""
    x, y, z = CENTRE_MM
    write_image(path, np.ones((3, 3, 3), np.uint8), Geometry((3, 3, 3), (1000.0,) * 3, (x - 1000, y - 1000, z - 1000)))


def _write_case(folder: Path, patient: int, label: int, rng: np.random.Generator) -> dict[str, str]:
    half_axes_mm = tuple(rng.uniform(5, 9, size=3))
    mask = ellipsoids(GRID, (CENTRE_MM, half_axes_mm))
    hu = rng.normal(-60, 25, size=GRID.shape)
    hu[mask.labels > 0] += 140 if label else 70
    write_image(folder / f"ct-{patient}.nii.gz", hu.astype(np.int16), GRID)
    write_image(folder / f"mask-{patient}.nii.gz", mask.labels, GRID)
    cells = (f"ct-{patient}.nii.gz", f"mask-{patient}.nii.gz", "1", f"p{patient}", str(label))
    return dict(zip(COLUMNS, cells, strict=True))
