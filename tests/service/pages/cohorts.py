"""Results of a batch."""

import csv
from pathlib import Path

import numpy as np

from imaging.files import write_image
from service.score import main
from tests.service.scans import GRID, scan

CASES, LABELS = 4, (1, 0)
"""Nodes 1 of the cases are metastatic, nodes 2 benign; nobody says what the nodes 3 are."""


def write_cohort(folder: Path) -> Path:
    """A table of four CTs with three nodes each."""
    volume, mask = scan()
    rows = []
    for number in range(CASES):
        hu = volume.hu + np.where(mask.labels > 0, 20.0 * number, 0).astype(np.float32)
        write_image(folder / f"p{number}.nii.gz", hu.round().astype(np.int16), GRID)
        write_image(folder / f"p{number}_mask.nii.gz", mask.labels, GRID)
        rows += [
            [f"p{number}.nii.gz", f"p{number}_mask.nii.gz", node, f"p{number}", label]
            for node, label in zip((1, 2, 3), (*LABELS, 0), strict=True)
        ]
    with (folder / "cases.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", "mask", "node", "patient", "label"], *rows])
    return folder / "cases.csv"


def score_cohort(models: Path, cohort: Path, out: Path, *options: str) -> Path:
    """What `nodelens-score batch` leaves of the cohort."""
    words = ["batch", str(cohort), "--embedded", "--models", str(models), "--model", "cnn-gap", "--out", str(out)]
    assert main([*words, "--threads", "1", "--streams", "1", "--allow-research", "--heatmaps", *options]) in (0, 1)
    return out
