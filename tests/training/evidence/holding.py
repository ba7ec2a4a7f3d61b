"""The evidence of a small run."""

from pathlib import Path

from tests.training.fitted import answers
from training.evidence.evidence import Evidence, evidence_of
from training.evidence.nodes import HeldOutNodes
from training.evidence.repainted import Repainted, repainted


def evidence_parts(folder: Path) -> tuple[Evidence, HeldOutNodes, Repainted]:
    """What a finished run is held to, on which nodes, and what was made of them."""
    run, crops, _ = answers(folder)
    nodes = HeldOutNodes.of(crops, crops.rows_of(run.split).test, run.config.spec)
    painted = repainted(nodes)
    return evidence_of(run, crops, nodes, painted, None, margin_mm=2.0, draw_count=2), nodes, painted
