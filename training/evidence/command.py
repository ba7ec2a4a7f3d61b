"""``nodelens-train evidence``: whether a network's heat maps and answers come from the node."""

import argparse
import json
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path

from imaging.atomic import write_text
from training.errors import InvalidOptions
from training.evaluate import run_crops
from training.evidence.evidence import Evidence, evidence_of
from training.evidence.nodes import HeldOutNodes
from training.evidence.page import write_evidence_page
from training.evidence.pictures import cascade_picture, changes_picture, crops_picture
from training.evidence.repainted import repainted
from training.evidence.repeatability import repeatability
from training.evidence.twin_crops import twin_crops
from training.evidence.twins import Twins, twin_changes, twins
from training.run import Run

HELP = "Hold a run's heat maps and answers to the node: share of heat, fresh weights, and the node painted out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `fit` wrote")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")
    parser.add_argument(
        "--against", type=Path, metavar="RUN2", help="the same with another --seed: do the maps repeat?"
    )
    parser.add_argument(
        "--twins", type=Path, metavar="DIR", help="from `phantom DIR --twins N`: what does the node alone change?"
    )
    parser.add_argument(
        "--margin-mm", type=float, default=3.0, metavar="MM", help="still near a node (default: %(default)s)"
    )
    parser.add_argument(
        "--fresh", type=int, default=5, metavar="N", help="networks to take fresh weights from (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> None:
    """
    Write ``evidence.json`` and ``evidence.html`` into the run's folder.

    Raises:
        InvalidOptions: an option is out of its range.
        InvalidRun: there is no finished run, its cases have changed, or the second run is not comparable.
        InvalidCases: the folder of twins has none.
    """
    if args.fresh < 1 or not 0 <= args.margin_mm < math.inf:
        raise InvalidOptions("--fresh must be at least 1, and --margin-mm must not be negative")
    fitted = Run.open(args.run_folder)
    crops = run_crops(fitted, args.cache)
    other = None if args.against is None else repeatability(fitted, Run.open(args.against), crops)
    nodes = HeldOutNodes.of(crops, crops.rows_of(fitted.split).test, fitted.config.spec)
    painted = repainted(nodes)
    evidence = replace(
        evidence_of(fitted, crops, nodes, painted, other, args.margin_mm, args.fresh),
        twins=None if args.twins is None else _twins(fitted, args.twins),
    )
    write_text(fitted.folder / "evidence.json", json.dumps(_plain(evidence, fitted), indent=1) + "\n")
    pictures = [
        cascade_picture(evidence.randomisation),
        changes_picture(evidence.counterfactual),
        crops_picture(fitted.network(), nodes, painted),
    ]
    write_evidence_page(fitted.folder / "evidence.html", evidence, pictures)
    sys.stdout.write(summary_of(evidence))


def _twins(fitted: Run, folder: Path) -> Twins:
    crops, scenes = twin_crops(folder, fitted.config.spec)
    return twins(twin_changes(fitted.network(), crops, fitted.config.spec.aggregation), scenes)


def summary_of(evidence: Evidence) -> str:
    """The verdicts and the numbers behind them, a line each."""
    everything, changes = evidence.localisation["all"], evidence.counterfactual
    lines = [f"{'yes' if holds else 'NO':3} {statement}" for statement, holds in evidence.verdicts.items()]
    lines += [
        f"lift {everything.lift}, with fresh weights {evidence.randomisation.lift}; "
        f"{everything.empty_count} of {everything.node_count} maps are empty and left out",
        f"change of the logit without the node {changes.removed}, with as much painted out elsewhere "
        f"{changes.elsewhere}, on other backgrounds {changes.swapped}",
    ]
    if evidence.repeatability is not None:
        lines.append(f"rank correlation with the maps of the other seed {evidence.repeatability.correlation}")
    if evidence.twins is not None:
        lines.append(
            f"logit of a metastatic node above its benign twin {evidence.twins.benign_to_metastatic}, "
            f"higher in {evidence.twins.ordered} of {evidence.twins.scene_count} scenes (SYNTHETIC)"
        )
    if evidence.guidance > 0:
        lines.append("the maps were trained on (--guidance): believe the counterfactual, not the lift")
    if evidence.synthetic:
        lines.append("SYNTHETIC: measured on phantoms; this says nothing of patients")
    return "\n".join(lines) + "\n"


def _plain(evidence: Evidence, fitted: Run) -> dict[str, object]:
    return {**asdict(evidence), "verdicts": evidence.verdicts, "network_digest": fitted.network_digest()}
