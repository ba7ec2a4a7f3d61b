"""``nodelens-train check``: what is wrong with a table of cases, before anything is learnt from it."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from training.errors import InvalidCases
from training.phantoms.defects import LEDGER_FILE
from training.quality.measured import RuleScore, measure, read_ledger
from training.quality.output import write_facts, write_findings, write_kept, write_plan
from training.quality.page import write_check
from training.quality.verdict import CAN_BE_KEPT, Verdict, judge

HELP = "Check CTs, masks and labels by named rules; write the cases that passed, a plan for their crops, and a report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--cases", type=Path, required=True, metavar="CSV", help="table: image,mask,node,patient,label")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--preset", choices=["paper"], help="plan with the paper's spacing, window and input")
    parser.add_argument(
        "--warn", nargs="+", choices=CAN_BE_KEPT, default=(), metavar="RULE", help="of these rules, keep the cases"
    )


def run(args: argparse.Namespace) -> None:
    """
    Check a table, and write ``kept.csv``, ``findings.csv``, ``plan.toml``, ``check.json`` and ``check.html``.

    Raises:
        InvalidCases: it is no table, or no case passed.
    """
    verdict = judge(args.cases, paper=args.preset == "paper", kept_rules=args.warn)
    ledger = args.cases.parent / LEDGER_FILE
    scores = measure(verdict.findings, read_ledger(ledger), verdict.rules) if ledger.is_file() else None
    write_findings(args.out / "findings.csv", verdict)
    write_kept(args.out / "kept.csv", verdict)
    write_plan(args.out / "plan.toml", verdict)
    write_facts(args.out / "check.json", verdict, scores)
    write_check(args.out / "check.html", verdict, scores)
    sys.stdout.write(_summary(verdict) + _measured(scores or ()))
    if not verdict.kept:
        raise InvalidCases(f"no case passed; see {args.out / 'check.html'}")


def _summary(verdict: Verdict) -> str:
    steps = [f"  {step.fell:5} {step.rule}, {step.left} left\n" for step in verdict.steps]
    drops = {rule.name: rule.drops for rule in verdict.rules}
    warned = Counter(finding.rule for finding in verdict.findings if not drops[finding.rule])
    warnings = [f"  {count:5} {name}\n" for name, count in warned.items()]
    return "".join(
        [
            f"{len(verdict.kept)} of {len(verdict.table.rows)} cases passed",
            " (SYNTHETIC phantoms)\n" if verdict.table.synthetic else "\n",
            *(["fell:\n", *steps] if steps else []),
            *(["warnings:\n", *warnings] if warnings else []),
            "plan:\n",
            *(f"  {line}\n" for line in verdict.plan.to_toml().splitlines()),
        ]
    )


def _measured(scores: Sequence[RuleScore]) -> str:
    """Recall and precision of the rules, where defects were put into the cohort."""
    lines = [
        f"  {each.rule:22} {each.found_count:4} of {each.defect_count:4}  {each.right_count:4} of {each.fired_count}\n"
        for each in scores
        if each.defect_count
    ]
    return "".join(["injected defects found, and findings that are right:\n", *lines]) if lines else ""
