"""The named rules of the data check, in the order in which cases fall."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One thing that can be wrong.

    Attributes:
        name: Stable; in tables and files.
        meaning: What is wrong where it fires.
        drops: Whether the case falls; otherwise the rule only warns.
    """

    name: str
    meaning: str
    drops: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A rule that fired.

    Attributes:
        row: Of the table of cases; the header is row 1.
        rule: Its name.
        detail: What was found.
    """

    row: int
    rule: str
    detail: str


RULES = (
    Rule("empty-cell", "A cell that is needed is empty."),
    Rule("missing-file", "CT or mask do not exist."),
    Rule("wrong-label", "The label is neither 0 nor 1."),
    Rule("wrong-node", "The node is no value that a mask can hold."),
    Rule("doubled-row", "The same node of the same mask stands in an earlier row."),
    Rule("patient-in-two-sites", "Rows of one patient name different sites: perhaps two people share an id.", False),
    Rule("wrong-modality", "The image is no CT: another DICOM modality, or values that are no Hounsfield units."),
    Rule("missing-slices", "Slices are missing, doubled or uneven, or were filled in with a copy or a constant."),
    Rule("unreadable-image", "The CT cannot be read."),
    Rule("unreadable-mask", "The mask cannot be read, is no label map, or marks what is too large for a node."),
    Rule("no-rescale", "The CT holds stored values: slope and intercept were not applied."),
    Rule("clipped-values", "The CT was windowed before it was stored.", False),
    Rule("thick-slices", "The slices are thicker than 5 mm.", False),
    Rule("geometry-mismatch", "The mask has the CT's shape, but lies elsewhere."),
    Rule("other-grid", "The mask's voxels do not coincide with the CT's: it was drawn on another series.", False),
    Rule("node-not-marked", "No voxel of the mask has the node's value, or the mask is empty."),
    Rule("mask-outside-ct", "More than a tenth of the node lies outside the CT."),
    Rule("off-body", "More than half of the node lies in the air around the body."),
    Rule("implausible-hu", "The median density of the node is not that of soft tissue, not even roughly."),
    Rule(
        "unusual-hu",
        "The median density of the node is outside what lymph nodes have, with contrast or without.",
        False,
    ),
    Rule("several-parts", "The node consists of parts that do not touch.", False),
    Rule("too-small", "The node is smaller than what can be scored."),
    Rule("at-edge", "The node's crop would reach beyond the CT."),
    Rule("larger-than-crop", "The node does not fit into the crop.", False),
    Rule("ct-of-another-patient", "The CT is that of an earlier row under another patient, file for file."),
    Rule("duplicate-pixels", "The CT around the node is that of an earlier row, voxel for voxel."),
    Rule("near-duplicate", "The CT around the node looks like that of another patient in an earlier row."),
    Rule("conflicting-labels", "Rows with the same pixels have different labels; nobody knows which is right."),
)
"""In the order of the waterfall: a case falls at the first rule that drops it."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of the waterfall.

    Attributes:
        rule: What made cases fall.
        fell: How many did.
        left: How many stayed.
    """

    rule: str
    fell: int
    left: int


def first_drops(findings: Iterable[Finding], rules: Sequence[Rule]) -> dict[int, Finding]:
    """What each fallen row fell at, by row."""
    places = {rule.name: place for place, rule in enumerate(rules) if rule.drops}
    dropping = [finding for finding in findings if finding.rule in places]
    first: dict[int, Finding] = {}
    for finding in sorted(dropping, key=lambda each: (places[each.rule], each.row)):
        first.setdefault(finding.row, finding)
    return first


def waterfall(row_count: int, findings: Iterable[Finding], rules: Sequence[Rule]) -> tuple[Step, ...]:
    """
    How many rows fall at each rule that drops any, in the order of the rules.

    >>> waterfall(3, [Finding(2, "wrong-label", ""), Finding(2, "at-edge", "")], RULES)
    (Step(rule='wrong-label', fell=1, left=2),)
    """
    fallen = [finding.rule for finding in first_drops(findings, rules).values()]
    steps: list[Step] = []
    for rule in rules:
        if count := fallen.count(rule.name):
            steps.append(Step(rule.name, count, (steps[-1].left if steps else row_count) - count))
    return tuple(steps)
