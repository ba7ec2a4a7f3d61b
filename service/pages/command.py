"""Writes the page of a cohort: ``nodelens-score report``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from imaging.errors import ImagingError
from service.arguments import complain
from service.faults import ServiceFault
from service.pages.cohort import write_cohort_report
from service.pages.results import read_results


def main(words: Sequence[str]) -> int:
    """Write the page; 0 where it was written, 2 where the user must mend something."""
    arguments = _parser().parse_args(words)
    try:
        write_cohort_report(arguments.out, read_results(arguments.results))
    except (ImagingError, ServiceFault, OSError) as error:
        return complain("nodelens-score report", error)
    sys.stdout.write(f"The report is {arguments.out}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodelens-score report",
        description="Write one page, which opens offline, about what nodelens-score batch found: numbers, charts, the "
        "worst misses where labels are known, and all nodes. Research use only; not a diagnosis.",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder that nodelens-score batch wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="page to write")
    return parser
