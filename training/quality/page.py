"""The page of the data check: one file, readable offline."""

from collections.abc import Sequence
from pathlib import Path

from training.quality.measured import RuleScore
from training.quality.pictures import histograms, thumbnails, waterfall_picture
from training.quality.verdict import Verdict
from training.report.page import write_page

TEMPLATE = Path(__file__).with_name("check.html.j2")


def write_check(path: Path, verdict: Verdict, scores: Sequence[RuleScore] | None) -> None:
    """Write the page, with all figures and thumbnails inside."""
    fired = [finding.rule for finding in verdict.findings]
    fell = {step.rule: step.fell for step in verdict.steps}
    row_count = len(verdict.table.rows)
    write_page(
        path,
        TEMPLATE,
        synthetic=verdict.table.synthetic,
        row_count=row_count,
        kept_count=len(verdict.kept),
        steps=verdict.steps,
        waterfall=waterfall_picture(row_count, verdict.steps),
        histograms=histograms(verdict.examined),
        rules=[(rule, fired.count(rule.name), fell.get(rule.name, 0)) for rule in verdict.rules],
        plan=verdict.plan.to_toml(),
        scores=[score for score in scores or () if score.defect_count or score.fired_count],
        thumbnails=list(thumbnails(verdict)),
    )
