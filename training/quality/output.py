"""What the data check leaves in its folder, besides the page."""

import csv
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from imaging.atomic import replacing, write_text
from training.cases import COHORT_FILE, Row
from training.quality.measured import RuleScore
from training.quality.verdict import Verdict


def write_kept(path: Path, verdict: Verdict) -> None:
    """
    Write the rows that passed, all columns of theirs, and ``cohort.json`` beside them.

    Paths that were relative to the table are relative to the new one.
    """
    columns = list(verdict.table.rows[0].cells)
    _write_rows(path, columns, (_moved(row, path.parent) for row in verdict.kept))
    if (facts := verdict.table.path.parent / COHORT_FILE).is_file():
        with replacing(path.parent / COHORT_FILE) as draft:
            shutil.copyfile(facts, draft)


def write_findings(path: Path, verdict: Verdict) -> None:
    """Write all that was found, row by row; ``drops`` is yes where the case fell."""
    patients = {row.number: row.cells["patient"] for row in verdict.table.rows}
    drops = {rule.name: "yes" if rule.drops else "no" for rule in verdict.rules}
    lines = ({**asdict(f), "patient": patients[f.row], "drops": drops[f.rule]} for f in verdict.findings)
    _write_rows(path, ["row", "patient", "rule", "drops", "detail"], lines)


def write_plan(path: Path, verdict: Verdict) -> None:
    """Write the plan, with a line on where it comes from."""
    phantoms = "SYNTHETIC phantoms" if verdict.table.synthetic else "cases"
    write_text(path, f"# From {len(verdict.kept)} {phantoms} that passed the check.\n{verdict.plan.to_toml()}")


def write_facts(path: Path, verdict: Verdict, scores: Sequence[RuleScore] | None) -> None:
    """Write counts, rules, plan and, where defects were put there on purpose, how well they were found, as JSON."""
    fired = [finding.rule for finding in verdict.findings]
    facts = {
        "synthetic": verdict.table.synthetic,
        "rows": len(verdict.table.rows),
        "kept": len(verdict.kept),
        "waterfall": [asdict(step) for step in verdict.steps],
        "rules": [{**asdict(rule), "findings": fired.count(rule.name)} for rule in verdict.rules],
        "plan": asdict(verdict.plan),
        "measured": None if scores is None else [_score(score) for score in scores],
    }
    write_text(path, json.dumps(facts, indent=1) + "\n")


def _score(score: RuleScore) -> dict[str, object]:
    return {**asdict(score), "recall": score.recall, "precision": score.precision}


def _moved(row: Row, folder: Path) -> dict[str, str]:
    """The cells, with paths that lead to the same files from another folder."""
    paths = {name: row.cells[name] for name in ("image", "mask") if not Path(row.cells[name]).is_absolute()}
    return {**row.cells, **{name: os.path.relpath(row.folder / cell, folder) for name, cell in paths.items()}}


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[dict[str, object] | dict[str, str]]) -> None:
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
