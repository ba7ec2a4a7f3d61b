"""
A table of cases for the lung nodules of LIDC-IDRI: the nearest real, labelled stand-in for lymph nodes.

``python -m tests.real.lidc_cohort OUT [--data DIR]`` reads DIR (default: ``lidc-voi`` in ``$NODELENS_REAL_DATA``, or in
``../shared/data``) and writes ``OUT/cases.csv``, which refers to its files and copies none.

Labels are the radiologists' majority rating, not pathology. The crops end close to the nodules: what is padded, and how
much, is itself a clue to the size.
"""

import argparse
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


def main() -> None:
    """Read the command line and write the table."""
    real_data = Path(os.environ.get("NODELENS_REAL_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(prog="python -m tests.real.lidc_cohort", description="LIDC-IDRI as cases.csv")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write cases.csv to")
    parser.add_argument("--data", type=Path, default=real_data / "lidc-voi", metavar="DIR", help="default: %(default)s")
    args = parser.parse_args()
    if not (args.data / "labels.csv").is_file():
        parser.error(f"{args.data} has no labels.csv; name the folder with --data")
    sys.stdout.write(f"{write_cases(args.data, args.out)}\n")


if __name__ == "__main__":
    main()
