"""``nodelens-train relabel``: store a radiologist's answers, and measure what the audit was worth."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from imaging.atomic import write_text
from imaging.ledger import Ledger, append, read_ledger
from imaging.review import Review, Verdict
from training.errors import InvalidOptions
from training.labels.answered import reviews_of
from training.labels.consensus import consensus
from training.labels.lift import Lift, measured_lift
from training.labels.relabelled import reviews_by_node
from training.labels.worklist import Item, read_answers, read_key, read_synthetic

HELP = "Check a filled worklist, append its answers to the ledger of labels, and measure the audit's lift"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("worklist", type=Path, metavar="WORKLIST", help="filled worklist.csv")
    parser.add_argument("--audit", type=Path, required=True, metavar="DIR", help="folder that `audit` wrote")
    parser.add_argument("--ledger", type=Path, required=True, metavar="FILE", help="is made where there is none")
    parser.add_argument("--reader", required=True, metavar="NAME", help="who filled the worklist in")


def run(args: argparse.Namespace) -> None:
    """
    Append to the ledger, all answers or none, and write ``relabel.json`` into the audit's folder.

    Raises:
        InvalidWorklist: the worklist does not answer the audit.
        InvalidLedger: the ledger is broken, or cannot be written.
        InvalidOptions: the reader has no name.
    """
    reader = args.reader.strip()
    if not reader:
        raise InvalidOptions("--reader must not be empty")
    items, source = read_key(args.audit)
    synthetic = read_synthetic(args.audit)
    answers = read_answers(args.worklist, items)
    before = read_ledger(args.ledger) if args.ledger.exists() else Ledger()
    stored = append(args.ledger, reviews_of(answers, items, source, reader, before.reviews))
    after = read_ledger(args.ledger)
    reviews = [review for review in after.reviews if review.source == source]
    lift = measured_lift(items, reviews)
    _write_result(args.audit, after, reviews, lift, synthetic)
    unsure = sum(answer.verdict is Verdict.UNSURE for answer in answers)
    sys.stdout.write(
        f"{args.worklist}: {len(answers)} of {len(items)} items answered, {unsure} of them unsure; "
        f"{len(items) - len(answers)} left empty\n"
        f"{args.ledger}@{after.revision}: {len(stored)} new entries, "
        f"{_changed(items, before, after)} labels changed by them\n{lift_text(lift, synthetic)}"
    )


def lift_text(lift: Lift, synthetic: bool) -> str:
    """What the answers say about the audit."""
    times = "not known: no control was found wrong" if lift.value is None else f"{lift.value:.2f}"
    return (
        f"wrong labels among the ranked: {lift.ranked}\n"
        f"wrong labels among the random controls, and so of all that nobody had reviewed: {lift.control}\n"
        f"lift: {times}{' (SYNTHETIC: measured on phantoms)' if synthetic else ''}\n"
    )


def _changed(items: Sequence[Item], before: Ledger, after: Ledger) -> int:
    """How many nodes have another label now than before."""
    earlier, later = reviews_by_node(before.reviews), reviews_by_node(after.reviews)
    labels = [
        [item.label if (label := consensus(reviews.get(item.node.key, ())).label) is None else label for item in items]
        for reviews in (earlier, later)
    ]
    return sum(old != new for old, new in zip(*labels, strict=True))


def _write_result(folder: Path, ledger: Ledger, reviews: Sequence[Review], lift: Lift, synthetic: bool) -> None:
    facts = {
        "synthetic": synthetic,
        "ledger_revision": ledger.revision,
        "ledger_head": ledger.head,
        "readers": sorted({review.reader for review in reviews}),
        **asdict(lift),
        "lift": lift.value,
    }
    write_text(folder / "relabel.json", json.dumps(facts, indent=1) + "\n")
