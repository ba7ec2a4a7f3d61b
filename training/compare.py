"""``nodelens-train compare``: all networks and baselines of one table of cases on one page."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from imaging.atomic import write_text
from training.curves import roc_figure
from training.finished import Finished, read_finished
from training.release.verdicts import Verdicts, read_verdicts
from training.report.page import write_page
from training.report.picture import Picture
from training.side_by_side import MEAN, SHAPE, Scores, SideBySide, scores_of, side_by_side
from training.statistics.comparison import Compared

HELP = "Set finished folders of `crossval` and `baselines` side by side: AUC, differences, settings and gates"

TEMPLATE = Path(__file__).with_suffix(".html.j2")
HEAD = ("", "AUC, DeLong, nodes in patients", "above the short axis", f"above {SHAPE}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("out", type=Path, metavar="OUT", help="where to write")
    parser.add_argument(
        "folders", nargs="+", metavar="DIR", help="of `crossval` and `baselines`; NAME=DIR calls it otherwise"
    )
    parser.add_argument(
        "--released", type=Path, nargs="+", default=(), metavar="DIR", help="of `release`, with the verdicts of gates"
    )


def run(args: argparse.Namespace) -> None:
    """
    Write ``compare.json`` and ``compare.html``.

    Raises:
        InvalidRun: a folder is not finished, or two are about other nodes, patients or labels.
        InvalidCases: a table of predictions is damaged.
        InvalidOptions: two rows have one name, or there are no baselines.
    """
    folders = [read_finished(words) for words in args.folders]
    verdicts = read_verdicts(args.released, {folder.digest: folder.name for folder in folders})
    sys.stdout.write(table_of(write_comparison(args.out, folders, verdicts)))


def write_comparison(out: Path, folders: Sequence[Finished], verdicts: Mapping[str, Verdicts]) -> SideBySide:
    """
    Compare finished folders, and write the page and the same numbers as JSON.

    Raises:
        InvalidRun: two are about other nodes, patients or labels.
        InvalidOptions: two rows have one name, or there are no baselines.
    """
    scores = scores_of(folders)
    found = side_by_side(scores, any(folder.synthetic for folder in folders))
    settings = {folder.name: folder.choices for folder in folders if folder.choices is not None}
    content = {
        **asdict(found),
        "settings": settings,
        "gates": {name: asdict(each) for name, each in verdicts.items()},
    }
    write_text(out / "compare.json", json.dumps(content, indent=1) + "\n")
    write_page(
        out / "compare.html",
        TEMPLATE,
        found.synthetic,
        found=found,
        settings=settings,
        choices=list(dict.fromkeys(choice for each in settings.values() for choice in each)),
        verdicts=verdicts,
        gates=list(dict.fromkeys(gate for each in verdicts.values() for gate in each.gates)),
        mean=MEAN,
        shape=SHAPE,
        roc=_roc(scores, found.synthetic),
    )
    return found


def table_of(found: SideBySide) -> str:
    """All rows as a Markdown table."""
    lines = [HEAD, ("---",) * len(HEAD), *(_cells(row, found) for row in found.rows)]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    text += f"\n{found.node_count} nodes of {found.patient_count} patients"
    text += f"; {found.left_out_count} that only some answered are left out" if found.left_out_count else ""
    return text + ("; SYNTHETIC: measured on phantoms, says nothing of patients\n" if found.synthetic else "\n")


def _cells(row: Compared, found: SideBySide) -> tuple[str, ...]:
    shape = found.above_shape.get(row.name)
    return (
        row.name,
        str(row.clustered),
        str(row.above.clustered) if row.above else "–",
        str(shape.clustered) if shape else "–",
    )


def _roc(scores: Scores, synthetic: bool) -> Picture:
    curves = {name: (scores.labels, each) for name, each in {**scores.baselines, **scores.networks}.items()}
    title = f"{len(scores.labels)} nodes, out of fold{' (SYNTHETIC phantoms)' if synthetic else ''}"
    return Picture.of(roc_figure(curves, title), "ROC curves of all rows")
