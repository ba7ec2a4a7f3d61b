"""The command ``nodelens-train phantom``: a cohort of synthetic CTs with known answers."""

import argparse
import sys
from pathlib import Path

from training.errors import InvalidOptions
from training.evidence.twin_crops import TWINS_FILE
from training.phantoms.cohort import write_cohort
from training.phantoms.defects import LEDGER_FILE, inject_defects
from training.phantoms.label_noise import LabelNoise
from training.phantoms.presets import LITERATURE, PRESETS
from training.phantoms.shortcuts import Shortcut
from training.phantoms.twin_cohort import write_twins

HELP = "Write a cohort of phantoms: synthetic CTs, masks, labels, and the AUC that no reader of them can exceed"

CAVEAT = "(SYNTHETIC: nothing learnt here says anything about patients)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to make")
    parser.add_argument("--patients", type=int, default=60, metavar="N", help="default: %(default)s")
    parser.add_argument("--defects", type=float, metavar="SHARE", help="of the patients to spoil, to test `check` on")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="equal seeds make equal cohorts")
    parser.add_argument(
        "--preset", choices=[*PRESETS], default=LITERATURE.name, help="difficulty (default: %(default)s)"
    )
    parser.add_argument(
        "--label-noise",
        metavar="KIND:RATE",
        help="wrong labels: symmetric:R, exact:R (in number too), per-class:B,M (of benign and of metastatic nodes), "
        "boundary:R (most where the ideal observer doubts), patient:R (with chance R all nodes of a patient are called "
        "what the worst of them is)",
    )
    parser.add_argument(
        "--shortcut",
        metavar="CUE:R",
        help="a wrong reason to be right that agrees with the true label with chance R: scanner, background, marker",
    )
    parser.add_argument(
        "--twins",
        type=int,
        metavar="N",
        help="instead of a cohort, write N scenes three times: with a benign node, a metastatic one, and none",
    )


def run(args: argparse.Namespace) -> None:
    """
    Write the cohort, or twins, and tell what is in it.

    Raises:
        InvalidOptions: options are not of their form or exclude each other.
    """
    if args.twins is not None:
        _run_twins(args)
        return
    label_noise = LabelNoise.parse(args.label_noise) if args.label_noise else None
    shortcut = Shortcut.parse(args.shortcut) if args.shortcut else None
    facts = write_cohort(args.out, args.patients, args.seed, PRESETS[args.preset], shortcut, label_noise)
    if args.defects is not None:
        ledger = inject_defects(args.out, args.defects, args.seed)
        sys.stdout.write(f"{len(ledger)} rows have a defect: {args.out / LEDGER_FILE}\n")
    sys.stdout.write(
        f"{facts['patients']} phantom patients, {facts['nodes']} nodes, {facts['metastatic_nodes']} of them metastatic "
        f"{CAVEAT}\n"
        f"AUC of the ideal observer: {facts['ideal_auc']} in theory, {facts['ideal_auc_here']} on these nodes\n"
    )
    if label_noise:
        sys.stdout.write(f"wrong labels ({label_noise}): {facts['flipped_labels']}; the true ones are in truth.csv\n")
    if shortcut:
        sys.stdout.write(f"shortcut ({shortcut}): shortcuts.csv says which nodes show it\n")
    sys.stdout.write(f"table: {args.out / 'cases.csv'}\n")


def _run_twins(args: argparse.Namespace) -> None:
    if args.label_noise or args.shortcut or args.defects is not None:
        raise InvalidOptions(
            "--twins goes with none of --label-noise, --shortcut and --defects: twins are all alike but for one node"
        )
    facts = write_twins(args.out, args.twins, args.seed, PRESETS[args.preset])
    sys.stdout.write(f"{facts['twins']} scenes with three twins each {CAVEAT}\ntable: {args.out / TWINS_FILE}\n")
