"""The report of an evaluation: a page, its figures, and the same numbers as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path

from numpy.typing import ArrayLike

from imaging.atomic import write_text
from training.course import Course
from training.curves import draw_decision, draw_gap, draw_loss, draw_reliability, draw_roc
from training.findings import USED, Findings, findings_of, scores_of
from training.held_out import HeldOut
from training.report.page import write_page
from training.report.picture import Picture

TEMPLATE = Path(__file__).with_name("evaluation_report.html.j2")

ALTS = {
    "roc": "ROC curves on held-out nodes",
    "loss": "Loss in training and validation, by epoch",
    "gap": "AUC in training and validation, by epoch",
    "reliability": "Share of metastatic nodes by probability",
    "decision": "Net benefit by threshold",
}
"""What the figures show; each is a PNG of that name."""


def write_report(
    folder: Path,
    name: str,
    held_out: HeldOut,
    synthetic: bool,
    courses: Mapping[str, Course],
    others: Mapping[str, ArrayLike] | None = None,
) -> Findings:
    """
    Measure answers to held-out nodes, and write ``evaluation.html`` and ``evaluation.json``.

    Args:
        folder: Where to write; the figures stand beside the page too.
        name: Of the network.
        held_out: Its answers, of one run or pooled over folds.
        synthetic: True for phantoms.
        courses: The trainings that they come from, by name.
        others: Scores of the same nodes, in the same order, by name: baselines and other networks.

    Raises:
        InvalidCases: a class is missing, or a score lacks a node.
        UnreadableImage: a CT is gone.
    """
    scores = scores_of(name, held_out, others or {})
    findings = findings_of(name, held_out, synthetic, courses, others or {})
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{name}, {findings.evaluation.node_count} held-out nodes"
    title += " (SYNTHETIC phantoms)" if synthetic else ""
    draw_roc(folder / "roc.png", held_out.labels, scores, title)
    draw_loss(folder / "loss.png", courses, title)
    draw_gap(folder / "gap.png", courses, findings.evaluation.auc.value, title)
    draw_reliability(folder / "reliability.png", findings.calibration[USED], title)
    draw_decision(folder / "decision.png", findings.decision_curve, title)
    write_text(folder / "evaluation.json", json.dumps(findings.to_dict(), indent=1) + "\n")
    figures = {stem: Picture.read(folder / f"{stem}.png", alt) for stem, alt in ALTS.items()}
    write_page(
        folder / "evaluation.html", TEMPLATE, synthetic, name=name, findings=findings, figures=figures, used=USED
    )
    return findings
