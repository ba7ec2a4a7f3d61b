"""The command ``nodelens-train phantom``: a cohort of synthetic CTs with known answers."""

import argparse
import sys
from pathlib import Path

from training.phantoms.cohort import write_cohort

HELP = "Write a cohort of phantoms: synthetic CTs, masks, labels, and the AUC that no reader of them can exceed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to make")
    parser.add_argument("--patients", type=int, default=60, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="equal seeds make equal cohorts")


def run(args: argparse.Namespace) -> None:
    """Write the cohort and tell what is in it."""
    facts = write_cohort(args.out, args.patients, args.seed)
    sys.stdout.write(
        f"{facts['patients']} phantom patients, {facts['nodes']} nodes, {facts['metastatic_nodes']} of them metastatic "
        f"(SYNTHETIC: nothing learnt here says anything about patients)\n"
        f"AUC of the ideal observer: {facts['ideal_auc']} in theory, {facts['ideal_auc_here']} on these nodes\n"
        f"table: {args.out / 'cases.csv'}\n"
    )
