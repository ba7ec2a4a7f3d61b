"""
A table of cases for the lung nodules of LIDC-IDRI: the nearest real, labelled stand-in for lymph nodes.

``python -m tests.real.lidc_cohort OUT`` reads the folder ``lidc-voi`` of ``$NODELENS_REAL_DATA`` (or of
``../shared/data``) and writes ``OUT/cases.csv``, which refers to its files and copies none.

Labels are the radiologists' majority rating, not pathology. The crops end close to the nodules: what is padded, and how
much, is itself a clue to the size.
"""

import csv
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def write_cases(data: Path, out: Path) -> Path:
    """
    Write the table.

    Args:
        data: Folder with ``labels.csv``, ``images`` and ``masks``.
        out: Folder to write to.

    Returns:
        The table.
    """
    out.mkdir(parents=True, exist_ok=True)
    table = out / "cases.csv"
    with (data / "labels.csv").open(newline="") as source, table.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["image", "mask", "node", "patient", "label"])
        for row in csv.DictReader(source):
            image, mask = (data.resolve() / kind / row["file"] for kind in ("images", "masks"))
            writer.writerow([image, mask, 1, row["patient_id"], row["malignant"]])
    return table


if __name__ == "__main__":
    folder = Path(os.environ.get("NODELENS_REAL_DATA", ROOT.parent / "shared" / "data")) / "lidc-voi"
    sys.stdout.write(f"{write_cases(folder, Path(sys.argv[1]))}\n")
