"""Which cases of a table can be learnt from, and how they would best be cut."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from imaging.file_digest import file_digest
from imaging.spec import PreprocessingSpec
from training.cases import Row
from training.extents import enclosing_side_mm
from training.plan import PAPER, Plan
from training.quality.copies import copy_findings
from training.quality.crop_rules import CROP_RULES
from training.quality.ct_rules import axial_axis
from training.quality.examination import Examined, examine
from training.quality.rule import RULES, Finding, Rule, Step, first_drops, waterfall
from training.quality.table import Table, read_table

CAN_BE_KEPT = (
    "no-rescale",
    "geometry-mismatch",
    "off-body",
    "implausible-hu",
    "at-edge",
    "duplicate-pixels",
    "near-duplicate",
    "conflicting-labels",
)
"""Rules that drop, but whose cases could be learnt from; of the others nothing can be read or scored."""

INPUT_STEP_PX, MOST_INPUT_PX = 32, PAPER.input_shape_px[0]
"""A proposed input has as many pixels as the crop, rounded up; more would be invented."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """
    What the check says.

    Attributes:
        table: What was checked.
        rules: In the order in which cases fall.
        examined: The cases whose node was found.
        findings: All that is wrong, by row and rule.
        plan: How to cut the crops.
    """

    table: Table
    rules: tuple[Rule, ...]
    examined: tuple[Examined, ...]
    findings: tuple[Finding, ...]
    plan: Plan

    @property
    def fallen(self) -> dict[int, Finding]:
        """What each dropped row fell at."""
        return first_drops(self.findings, self.rules)

    @property
    def kept(self) -> tuple[Row, ...]:
        """The rows that can be learnt from."""
        return tuple(row for row in self.table.rows if row.number not in self.fallen)

    @property
    def steps(self) -> tuple[Step, ...]:
        """How many fell where."""
        return waterfall(len(self.table.rows), self.findings, self.rules)

    @property
    def spec(self) -> PreprocessingSpec:
        """The plan as what makes crops."""
        return self.plan.spec(self.plan.side_mm or PAPER.side_mm)


def judge(cases_csv: Path, paper: bool = False, kept_rules: Collection[str] = ()) -> Verdict:
    """
    Check a table and all that it names, with progress on stderr.

    Args:
        cases_csv: The table.
        paper: Plan with the paper's spacing and input, not with the cohort's own.
        kept_rules: Names out of `CAN_BE_KEPT` that shall only warn.

    Raises:
        InvalidCases: it is no table at all.
    """
    rules = tuple(replace(rule, drops=rule.drops and rule.name not in kept_rules) for rule in RULES)
    table = read_table(cases_csv)
    examined, found = examine(table.cases)
    findings = [*table.findings, *found]
    fallen = first_drops(findings, rules)
    plan = proposed_plan([each for each in examined if each.case.row not in fallen], paper)
    spec = plan.spec(plan.side_mm or PAPER.side_mm)
    findings += [
        Finding(each.case.row, name, what)
        for each in examined
        for name, rule in CROP_RULES.items()
        if (what := rule(each.ct, each.node, spec))
    ]
    digests = {image: file_digest(image) for image in {case.image for case in table.cases}}
    findings += copy_findings(table.cases, examined, digests)
    places = {rule.name: place for place, rule in enumerate(rules)}
    return Verdict(table, rules, examined, tuple(sorted(findings, key=lambda f: (f.row, places[f.rule]))), plan)


def proposed_plan(examined: Sequence[Examined], paper: bool = False) -> Plan:
    """
    The median spacing along the patient and in the slice, a box that encloses 95 % of the nodes, and as many pixels.

    Args:
        examined: Cases that can be learnt from; without any, the plan is the paper's.
        paper: Take all but the box from the paper.
    """
    if not examined:
        return Plan()
    side_mm = enclosing_side_mm([max(each.node.box.size_mm[:2]) for each in examined])
    if paper:
        return Plan(side_mm=max(side_mm, *PAPER.spacing_mm))
    slice_mm = round(median(slice_spacing_mm(each) for each in examined), 2)
    pixel_mm = round(median(pixel_spacing_mm(each) for each in examined), 2)
    side_mm = max(side_mm, slice_mm, pixel_mm)
    input_px = -(-int(side_mm / pixel_mm + 1) // INPUT_STEP_PX) * INPUT_STEP_PX
    return Plan(
        spacing_mm=(slice_mm, pixel_mm, pixel_mm),
        side_mm=side_mm,
        input_px=min(max(input_px, 2 * INPUT_STEP_PX), MOST_INPUT_PX),
    )


def slice_spacing_mm(examined: Examined) -> float:
    """From slice to slice."""
    return examined.ct.spacing_mm[axial_axis(examined.ct)]


def pixel_spacing_mm(examined: Examined) -> float:
    """The larger one in the slice."""
    axis = axial_axis(examined.ct)
    return max(step for n, step in enumerate(examined.ct.spacing_mm) if n != axis)
