"""``nodelens-train audit``: find labels that may be wrong, and ask a radiologist about them."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from imaging.atomic import write_text
from training.cases import Cohort
from training.errors import InvalidOptions
from training.labels.audited import Audit, Opinion, audited
from training.labels.auditors import Panel, read_panel
from training.labels.cards import node_pictures
from training.labels.figures import noise_figure, quality_figure
from training.labels.noise import label_qualities
from training.labels.relabelled import labelled_cohort, ledger_at, reviewed_places
from training.labels.selection import CONTROL_SHARE, SHARE, chosen_among
from training.labels.worklist import AUDIT_FILE, WORKLIST_FILE, Item, items_of, write_worklist
from training.report.page import write_page

HELP = "Estimate how many labels are wrong, and write a worklist of the most doubtful ones, mixed with random controls"

PAGES = Path(__file__).parent / "labels"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--cases", type=Path, required=True, metavar="CSV", help="table: image,mask,node,patient,label")
    parser.add_argument("--labels", metavar="LEDGER@REV", help="labels as corrected there; all of it without @REV")
    parser.add_argument(
        "--predictions",
        nargs="+",
        required=True,
        metavar="NAME=FILE[:COLUMN]",
        help="out-of-fold answers of unlike models, as crossval writes them; two at least",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--size",
        type=int,
        metavar="N",
        help=f"nodes to ask about (default: {SHARE:.0%} of those without a review)".replace("%", "%%"),
    )
    parser.add_argument(
        "--control-share", type=float, default=CONTROL_SHARE, metavar="X", help="drawn at random (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of folds, resamples, controls and order")


def run(args: argparse.Namespace) -> None:
    """
    Write ``audit.json``, ``audit.html``, ``worklist.html``, ``worklist.csv`` and ``key.csv``.

    Nodes whose readers have decided in the ledger are trusted, and not asked about again.

    Raises:
        TrainingError: cases or predictions are not fit for it, or the folder has a worklist already.
        ImagingError: the ledger cannot be read.
    """
    if (args.out / WORKLIST_FILE).exists():
        raise InvalidOptions(f"{args.out} has a worklist, which somebody may have filled in; choose another --out")
    cohort = labelled_cohort(args.cases, args.labels)
    panel = read_panel(cohort, args.predictions, args.seed)
    reviewed = _reviewed(cohort, panel)
    audit = audited(panel, cohort.synthetic, args.seed, reviewed)
    qualities = label_qualities(panel.labels, panel.probabilities)
    left = [n for n in range(len(panel.cases)) if n not in reviewed]
    choices = chosen_among(left, qualities, args.size, args.control_share, args.seed)
    cases = [panel.cases[choice.node] for choice in choices]
    items = items_of(cohort, panel.cases, choices, qualities)
    write_page(args.out / "worklist.html", PAGES / "worklist.html.j2", cohort.synthetic, pictures=node_pictures(cases))
    _write_audit(args.out, cohort, panel, audit, items)
    write_worklist(args.out, cohort.table, cases, items)
    sys.stdout.write(table_of(audit))
    sys.stdout.write(f"{args.out / WORKLIST_FILE}: {len(items)} nodes to fill in, pictures in worklist.html\n")


def table_of(audit: Audit) -> str:
    """The numbers of an audit as a Markdown table."""
    those = "those nobody reviewed" if audit.reviewed_count else "all"
    lines = [
        "| auditor | AUC on the given labels | wrong among benign | wrong among metastatic "
        f"| wrong of {those} | suspects |",
        "|---|---|---|---|---|---|",
        *map(_row, (*audit.opinions, audit.together)),
    ]
    if audit.reviewed_count:
        lines += ["", f"{audit.reviewed_count} labels were reviewed: they are trusted, and not asked about again."]
    if audit.partly_reviewed:
        lines += ["", "Of the others the shares are rather too LOW: the most doubtful labels are gone from them."]
    if audit.blind:
        lines += ["", "BLIND: the auditors' AUC may be 0.5; this worklist is no better than random."]
    if audit.synthetic:
        lines += ["", "SYNTHETIC: measured on phantoms; this says nothing of patients."]
    return "\n".join(lines) + "\n"


def _reviewed(cohort: Cohort, panel: Panel) -> frozenset[int]:
    """The places, in the panel, of the nodes whose readers had decided at the revision that the labels are of."""
    if cohort.labels is None:
        return frozenset()
    _, ledger = ledger_at(cohort.labels)
    known = {cohort.cases[place] for place in reviewed_places(cohort, ledger)}
    return frozenset(n for n, case in enumerate(panel.cases) if case in known)


def _row(opinion: Opinion) -> str:
    noise = opinion.noise
    shares = ("–",) * 3 if noise is None else (noise.among_benign, noise.among_metastatic, noise.total)
    cells = (opinion.name, opinion.auc, *shares, opinion.suspect_count)
    return "| " + " | ".join(map(str, cells)) + " |"


def _write_audit(out: Path, cohort: Cohort, panel: Panel, audit: Audit, items: tuple[Item, ...]) -> None:
    opinions = (*audit.opinions, audit.together)
    controls = sum(item.control for item in items)
    facts = {
        **asdict(audit),
        "blind": audit.blind,
        "worklist": {"size": len(items), "controls": controls},
        "cohort_digest": cohort.digest,
        "labels_digest": cohort.labels_digest,
    }
    write_text(out / AUDIT_FILE, json.dumps(facts, indent=1) + "\n")
    write_page(
        out / "audit.html",
        PAGES / "audit.html.j2",
        audit.synthetic,
        audit=audit,
        opinions=opinions,
        size=len(items),
        controls=controls,
        pictures=[
            noise_figure(opinions),
            quality_figure(panel.labels, label_qualities(panel.labels, panel.probabilities)),
        ],
    )
