"""How well the rules find defects that were put there on purpose."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.errors import InvalidCases
from training.phantoms.defects import LEDGER_COLUMNS
from training.quality.rule import Finding, Rule

SHIFTED = frozenset({"implausible-hu", "unusual-hu", "off-body", "at-edge", "mask-outside-ct", "geometry-mismatch"})
"""What may follow where a mask lies at the wrong place."""

DILUTED = frozenset({"implausible-hu", "unusual-hu"})
"""What may follow where a node shares its voxels with the fat around it, or has hardly any."""

COPIED = frozenset({"ct-of-another-patient", "duplicate-pixels", "near-duplicate"})


@dataclass(frozen=True, slots=True)
class Expected:
    """
    What a defect should set off.

    Attributes:
        must: The rules made for it.
        may: Rules that are right too where they fire.
    """

    must: frozenset[str]
    may: frozenset[str] = frozenset()


def _expected(must: str, may: frozenset[str] = frozenset()) -> Expected:
    return Expected(frozenset(must.split()), may)


EXPECTED = {
    "empty-cell": _expected("empty-cell"),
    "missing-file": _expected("missing-file"),
    "wrong-label": _expected("wrong-label"),
    "wrong-node": _expected("wrong-node"),
    "doubled-row": _expected("doubled-row"),
    "two-sites": _expected("patient-in-two-sites"),
    "truncated-image": _expected("unreadable-image"),
    "truncated-mask": _expected("unreadable-mask"),
    "grey-levels": _expected("wrong-modality", frozenset({"implausible-hu", "unusual-hu", "clipped-values"})),
    "stored-values": _expected("no-rescale", frozenset({"implausible-hu"})),
    "windowed": _expected("clipped-values"),
    "copied-slice": _expected("missing-slices"),
    "thick-slices": _expected("thick-slices", DILUTED | {"other-grid", "several-parts"}),
    "shifted-header": _expected("geometry-mismatch", SHIFTED),
    "header-elsewhere": _expected("mask-outside-ct", SHIFTED),
    "mask-of-another-patient": _expected("other-grid", SHIFTED | {"node-not-marked", "several-parts"}),
    "empty-mask": _expected("node-not-marked"),
    "mask-off-body": _expected("off-body", SHIFTED),
    "mask-in-fat": _expected("implausible-hu", SHIFTED),
    "calcified": _expected("unusual-hu"),
    "two-parts": _expected("several-parts", SHIFTED | {"larger-than-crop"}),
    "speck": _expected("too-small", DILUTED),
    "grown-mask": _expected("larger-than-crop", SHIFTED),
    "cut-ct": _expected("at-edge"),
    "copied-files": _expected("ct-of-another-patient duplicate-pixels"),
    "resaved-copy": _expected("duplicate-pixels"),
    "noisy-copy": _expected("near-duplicate"),
    "conflicting-copy": _expected("conflicting-labels", COPIED),
}
"""By the defect's name in the ledger."""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """
    How a rule did.

    Attributes:
        rule: Its name.
        defect_count: Rows with a defect that it is made for.
        found_count: Of these, rows at which it fired.
        fired_count: Rows at which it fired.
        right_count: Of these, rows with a defect that it may fire at.
    """

    rule: str
    defect_count: int
    found_count: int
    fired_count: int
    right_count: int

    @property
    def recall(self) -> float | None:
        """Share of the defects that it found; None where there were none."""
        return self.found_count / self.defect_count if self.defect_count else None

    @property
    def precision(self) -> float | None:
        """Share of its findings that are right; None where it never fired."""
        return self.right_count / self.fired_count if self.fired_count else None


def read_ledger(path: Path) -> tuple[tuple[int, str], ...]:
    """
    Row and defect, from what `training.phantoms.defects` wrote.

    Raises:
        InvalidCases: it is something else.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            ledger = tuple((int(line["row"]), line["defect"]) for line in csv.DictReader(file))
    except (KeyError, ValueError, csv.Error) as error:
        raise InvalidCases(f"{path} is no ledger of defects: it needs {','.join(LEDGER_COLUMNS)}") from error
    if unknown := {defect for _, defect in ledger} - EXPECTED.keys():
        raise InvalidCases(f"{path} names a defect that no rule is made for: {min(unknown)!r}")
    return ledger


def measure(
    findings: Sequence[Finding], ledger: Sequence[tuple[int, str]], rules: Sequence[Rule]
) -> tuple[RuleScore, ...]:
    """Compare what was found with what was put there, rule by rule."""
    return tuple(_score(rule.name, findings, ledger) for rule in rules)


def _score(rule: str, findings: Sequence[Finding], ledger: Sequence[tuple[int, str]]) -> RuleScore:
    fired = {finding.row for finding in findings if finding.rule == rule}
    meant = {row for row, defect in ledger if rule in EXPECTED[defect].must}
    allowed = {row for row, defect in ledger if rule in EXPECTED[defect].must | EXPECTED[defect].may}
    return RuleScore(rule, len(meant), len(meant & fired), len(fired), len(allowed & fired))
