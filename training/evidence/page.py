"""The evidence as a page."""

from collections.abc import Sequence
from pathlib import Path

from training.evidence.evidence import Evidence
from training.report.page import write_page
from training.report.picture import Picture

TEMPLATE = Path(__file__).with_name("evidence.html.j2")

LOCALISATION = {
    "nodes": "node_count",
    "of them with an empty map, left out below": "empty_count",
    "share of the heat inside the node": "inside",
    "chance: the node's share of the crop": "area",
    "lift, the ratio of both; 1 is chance": "lift",
    "share of the heat near the node": "near",
    "chance of it": "near_area",
    "lift near the node": "near_lift",
    "pointing game: the hottest pixel is near the node": "pointed",
    "that above chance": "pointed_above_chance",
    "rank accuracy": "rank_accuracy",
    "that above chance: the node's share of the crop": "rank_above_chance",
}

CHANGES = {
    "the node painted out": "removed",
    "as much painted out elsewhere": "elsewhere",
    "all but the node replaced": "swapped",
    "node above elsewhere": "removed_above_elsewhere",
    "node above all but the node": "removed_above_swapped",
}

CALLS = {
    "called benign without the node": "overturned_by_removal",
    "called benign with as much painted out elsewhere": "overturned_elsewhere",
    "called benign on other backgrounds": "overturned_by_swap",
    "share of the logit's fall that the node has": "share_of_drop",
}


def write_evidence_page(path: Path, evidence: Evidence, pictures: Sequence[Picture]) -> None:
    """Write the page; pictures are those of the cascade, the changes and the crops."""
    rows = {"rows": list(LOCALISATION.items()), "changes": list(CHANGES.items()), "calls": list(CALLS.items())}
    write_page(path, TEMPLATE, evidence.synthetic, evidence=evidence, pictures=pictures, **rows)
