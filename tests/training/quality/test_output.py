import csv
import json
import tomllib

import pytest

from tests.training.cohorts import read_table
from training.cases import read_cohort
from training.plan import Plan
from training.quality.measured import measure
from training.quality.output import write_facts, write_findings, write_kept, write_plan
from training.quality.rule import RULES


def test_what_is_kept_can_be_learnt_from(spoilt, tmp_path):
    """The strict reader takes the new table from another folder, and still knows that it is synthetic."""
    write_kept(tmp_path / "deep" / "kept.csv", spoilt)

    cohort = read_cohort(tmp_path / "deep" / "kept.csv")

    assert [row.cells["patient"] for row in spoilt.kept] == [case.patient for case in cohort.cases]
    assert cohort.synthetic
    assert list(spoilt.table.rows[0].cells) == list(read_table(cohort.table)[0])


def test_every_finding_is_written(spoilt, tmp_path):
    """A line for each, with the patient as in the table and whether the case fell for it."""
    write_findings(tmp_path / "findings.csv", spoilt)

    with (tmp_path / "findings.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(f.row, f.rule, f.detail) for f in spoilt.findings] == [
        (int(line["row"]), line["rule"], line["detail"]) for line in lines
    ]
    drops = {rule.name: rule.drops for rule in RULES}
    assert all((line["drops"] == "yes") == drops[line["rule"]] for line in lines)


def test_the_plan_says_what_it_is_from(spoilt, tmp_path):
    """It reads back, and says that it was made from phantoms."""
    write_plan(tmp_path / "plan.toml", spoilt)

    assert spoilt.plan == Plan.read(tmp_path / "plan.toml")
    assert f"From {len(spoilt.kept)} SYNTHETIC phantoms" in (tmp_path / "plan.toml").read_text()
    assert [*spoilt.plan.window_hu] == tomllib.loads((tmp_path / "plan.toml").read_text())["window_hu"]


@pytest.mark.parametrize("ledger", [None, [(2, "cut-ct")]])
def test_the_facts_are_complete(spoilt, tmp_path, ledger):
    """Each rule has its count; recall and precision are there where defects were put there, null where not."""
    scores = ledger and measure(spoilt.findings, ledger, RULES)
    write_facts(tmp_path / "check.json", spoilt, scores)

    facts = json.loads((tmp_path / "check.json").read_text())
    assert (True, len(spoilt.table.rows), len(spoilt.kept)) == (facts["synthetic"], facts["rows"], facts["kept"])
    assert len(spoilt.findings) == sum(rule["findings"] for rule in facts["rules"])
    assert (ledger is None) == (facts["measured"] is None)
