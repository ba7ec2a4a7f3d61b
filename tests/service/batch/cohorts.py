"""Small cohorts on disk."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imaging.files import write_image
from imaging.mask import NodeMask
from imaging.volume import Volume
from tests.service.scans import GRID, scan


def variant(seed: int) -> tuple[Volume, NodeMask]:
    """The scan in whole HU with noise of its own; its nodes have the values 1 to 3."""
    volume, mask = scan()
    noise = np.random.default_rng(seed).normal(0, 25, GRID.shape)
    return Volume((volume.hu + noise).round().astype(np.int16), GRID), mask


def write_cohort(folder: Path, count: int) -> Path:
    """
    Write ``count`` CTs of half as many patients with their masks, and ``cases.csv`` as training has it; its path.

    Nodes 1 and 2 have labels, by turns; node 3 is at the edge and in no row.
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    rows = []
    for n in range(count):
        volume, mask = variant(n)
        write_image(folder / "images" / f"c{n:03}.nii.gz", volume.hu, GRID)
        write_image(folder / "masks" / f"c{n:03}.nii.gz", mask.labels, GRID)
        files = (f"images/c{n:03}.nii.gz", f"masks/c{n:03}.nii.gz")
        rows += [(*files, node, f"p{n // 2}", (n + node) % 2) for node in (1, 2)]
    return write_table(folder / "cases.csv", ("image", "mask", "node", "patient", "label"), rows)


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write a table; its path."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path
