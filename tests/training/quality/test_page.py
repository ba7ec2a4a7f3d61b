import re

from tests.training.cohorts import write_cohort
from training.quality.measured import measure
from training.quality.page import write_check
from training.quality.rule import RULES
from training.quality.verdict import judge


def test_the_page_has_it_all(spoilt, tmp_path):
    """Each rule with its meaning, each step, the plan, and recall and precision; no patient and no folder."""
    write_check(tmp_path / "check.html", spoilt, measure(spoilt.findings, [(2, "cut-ct")], RULES))
    page = (tmp_path / "check.html").read_text()

    assert all(rule.name in page for rule in RULES)
    assert all(f"<td>{step.rule}</td><td>{step.fell}</td><td>{step.left}</td>" in page for step in spoilt.steps)
    assert f"side_mm = {spoilt.plan.side_mm}" in page
    assert "<th>recall</th>" in page
    assert "SYNTHETIC phantoms" in page
    text = re.sub(r"base64,[^\"]*", "", page)
    assert not re.search(r"\bp\d{4}b?\b", text)
    assert str(spoilt.table.path.parent) not in text


def test_a_sound_cohort_has_a_page_too(tmp_path):
    """Nothing fell, nothing was measured."""
    write_check(tmp_path / "check.html", judge(write_cohort(tmp_path, patient_count=2)), None)
    page = (tmp_path / "check.html").read_text()

    assert "2 cases, of which 2 passed" in page
    assert "Nothing that could be shown." in page
    assert "<th>recall</th>" not in page
