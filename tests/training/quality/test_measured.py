import pytest

from training.errors import InvalidCases
from training.phantoms.defects import DEFECTS, LEDGER_FILE
from training.quality.measured import EXPECTED, RuleScore, measure, read_ledger
from training.quality.rule import RULES, Finding, Rule

AT_EDGE = Rule("at-edge", "A.")

BY_DESIGN = {"larger-than-crop": 0.1}
"""Precision of a rule that also fires at sound nodes: the crop is planned to fit 95 % of them."""


def test_every_rule_finds_what_it_is_made_for(spoilt):
    """On phantoms with each kind of defect, recall of every rule is at least 0.9, and so is precision."""
    scores = measure(spoilt.findings, read_ledger(spoilt.table.path.with_name(LEDGER_FILE)), RULES)

    assert [rule.name for rule in RULES] == [score.rule for score in scores if score.defect_count]
    assert {} == {score.rule: score.recall for score in scores if score.recall < 0.9}
    low = {score.rule: score.precision for score in scores if score.precision < BY_DESIGN.get(score.rule, 0.9)}
    assert {} == low


def test_every_defect_has_a_rule():
    """What can be put into a cohort is expected by name, and only rules that exist are expected."""
    names = {rule.name for rule in RULES}

    assert {*DEFECTS} == {*EXPECTED}
    assert all(expected.must and expected.must | expected.may <= names for expected in EXPECTED.values())


def test_recall_and_precision_are_counted_by_row():
    """Of two cut CTs one is found; of three findings one is of a cut CT, one may follow, one is wrong."""
    ledger = [(2, "cut-ct"), (3, "cut-ct"), (4, "mask-in-fat")]
    findings = [Finding(2, "at-edge", "x"), Finding(4, "at-edge", "x"), Finding(9, "at-edge", "x")]

    [score] = measure(findings, ledger, [AT_EDGE])

    assert RuleScore("at-edge", defect_count=2, found_count=1, fired_count=3, right_count=2) == score
    assert (0.5, pytest.approx(2 / 3)) == (score.recall, score.precision)


def test_nothing_to_find_is_no_recall():
    """Without defects or findings nothing was measured."""
    [score] = measure([], [], [AT_EDGE])

    assert (None, None) == (score.recall, score.precision)


@pytest.mark.parametrize(
    ("text", "message"),
    [("row,defect\n2,ghost\n", "no rule is made for: 'ghost'"), ("line\n2\n", "it needs row,defect")],
)
def test_a_foreign_ledger_is_refused(tmp_path, text, message):
    """Only what the injector writes can be measured against."""
    path = tmp_path / LEDGER_FILE
    path.write_text(text)

    with pytest.raises(InvalidCases, match=message):
        read_ledger(path)
