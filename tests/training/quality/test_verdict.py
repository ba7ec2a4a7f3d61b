from dataclasses import replace
from pathlib import Path

import pytest

from imaging.geometry import Geometry
from tests.training.cohorts import write_cohort
from tests.training.quality.scans import body, marked
from training.cases import Case, read_cohort
from training.extents import enclosing_side_mm, in_plane_extents_mm
from training.plan import Plan
from training.quality.examination import remembered
from training.quality.rule import RULES
from training.quality.verdict import CAN_BE_KEPT, judge, proposed_plan


def test_a_sound_cohort_is_kept(tmp_path):
    """No case falls, and the box is that of training on all of them."""
    table = write_cohort(tmp_path, patient_count=6)

    verdict = judge(table)

    assert (6, ()) == (len(verdict.kept), verdict.steps)
    assert enclosing_side_mm(in_plane_extents_mm(read_cohort(table).cases)) == verdict.plan.side_mm
    assert ((2.0, 1.0, 1.0), 64) == (verdict.plan.spacing_mm, verdict.plan.input_px)


def test_the_paper_decides_all_but_the_box(tmp_path):
    """The preset is the paper's spacing, window and input; its box fits the nodes at hand."""
    table = write_cohort(tmp_path, patient_count=4)

    plan = judge(table, paper=True).plan

    assert Plan() == replace(plan, side_mm=None)
    assert judge(table).plan.side_mm == plan.side_mm


def test_the_waterfall_ends_at_what_is_kept(spoilt):
    """Every row is counted once: it fell, or it was kept."""
    fell = sum(step.fell for step in spoilt.steps)

    assert len(spoilt.table.rows) == fell + len(spoilt.kept)
    assert len(spoilt.kept) == spoilt.steps[-1].left


def test_a_rule_can_be_made_to_warn(spoilt):
    """What was found stays, but the cases are kept."""
    verdict = judge(spoilt.table.path, kept_rules=CAN_BE_KEPT)

    assert spoilt.findings[0] in verdict.findings
    assert len(spoilt.kept) < len(verdict.kept)
    assert not {step.rule for step in verdict.steps} & {*CAN_BE_KEPT}


def test_rules_that_can_be_kept_exist():
    """Each names a rule that drops."""
    assert {rule.name for rule in RULES if rule.drops} >= {*CAN_BE_KEPT}


def test_the_plan_takes_medians():
    """One odd CT does not change the spacing, and the largest of 20 nodes does not change the box."""
    case = Case(Path("ct"), Path("mask"), 1, "p", 0, 2)
    sound, large = (
        remembered(case, marked(), body()),
        remembered(case, marked((0.0, 0.0, 0.0), (9.0, 9.0, 9.0)), body()),
    )
    odd = replace(large, ct=Geometry((4, 60, 60), (9.0, 3.0, 3.0)))

    plan = proposed_plan([*[sound] * 19, odd])

    assert ((2.0, 1.0, 1.0), 64) == (plan.spacing_mm, plan.input_px)
    assert max(marked().box.size_mm[:2]) == pytest.approx(plan.side_mm)
    assert Plan() == proposed_plan([])
