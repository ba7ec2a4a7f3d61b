"""The command ``nodelens-train phantom``: a cohort of synthetic CTs with known answers."""

import argparse
import sys
from pathlib import Path

from training.phantoms.cohort import write_cohort
from training.phantoms.defects import LEDGER_FILE, inject_defects

HELP = "Write a cohort of phantoms: synthetic CTs, masks, labels, and the AUC that no reader of them can exceed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to make")
    parser.add_argument("--patients", type=int, default=60, metavar="N", help="default: %(default)s")
    parser.add_argument("--defects", type=float, metavar="SHARE", help="of the patients to spoil, to test `check` on")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="equal seeds make equal cohorts")


def run(args: argparse.Namespace) -> None:
    """Write the cohort and tell what is in it."""
    facts = write_cohort(args.out, args.patients, args.seed)
    if args.defects is not None:
        ledger = inject_defects(args.out, args.defects, args.seed)
        sys.stdout.write(f"{len(ledger)} rows have a defect: {args.out / LEDGER_FILE}\n")
    sys.stdout.write(
        f"{facts['patients']} phantom patients, {facts['nodes']} nodes, {facts['metastatic_nodes']} of them metastatic "
        f"(SYNTHETIC: nothing learnt here says anything about patients)\n"
        f"AUC of the ideal observer: {facts['ideal_auc']} in theory, {facts['ideal_auc_here']} on these nodes\n"
        f"table: {args.out / 'cases.csv'}\n"
    )
