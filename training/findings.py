"""All that is measured about answers to held-out nodes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from numpy.typing import ArrayLike

from imaging.calibration import Calibrated, calibration_of
from imaging.proportion import Rates, rates_of
from training.course import Course
from training.evaluation import Evaluation, evaluated
from training.held_out import HeldOut
from training.scan import read_spacing_mm
from training.statistics.comparison import SHORT_AXIS, VOLUME, Compared, compared
from training.statistics.delong import design_effect
from training.statistics.gap import Gap, gaps_of, mean_training_auc
from training.statistics.net_benefit import NetBenefit, decision_curve
from training.statistics.power import Power, power_of
from training.statistics.subgroups import Subgroup, size_tertiles, spacing_groups, subgroups

USED = "Platt (used)"


@dataclass(frozen=True, slots=True)
class Findings:
    """
    All that is measured about answers to held-out nodes.

    Attributes:
        evaluation: The chief numbers.
        operating_points: Sensitivity and specificity at each.
        calibration: By way to calibrate.
        decision_curve: Of the probabilities that are used.
        comparison: The answers and what else orders the same nodes; the short axis is the reference.
        subgroups: By size, slice spacing and scanner.
        power: What the number of nodes allows.
        gaps: Of each training, epoch by epoch.
        mean_training_auc: Over trainings, at their best epochs; None if they did not record it.
    """

    evaluation: Evaluation
    operating_points: tuple[Rates, ...]
    calibration: Mapping[str, Calibrated]
    decision_curve: tuple[NetBenefit, ...]
    comparison: tuple[Compared, ...]
    subgroups: tuple[Subgroup, ...]
    power: Power
    gaps: Mapping[str, tuple[Gap, ...]]
    mean_training_auc: float | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the chief numbers at the top, the others under their names."""
        plain = asdict(self)
        return {**plain.pop("evaluation"), **plain}


def scores_of(name: str, held_out: HeldOut, others: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
    """The rows of the comparison, the two that every table has first."""
    return {SHORT_AXIS: held_out.short_axes_mm, VOLUME: held_out.log_volumes, name: held_out.logits, **others}


def findings_of(
    name: str, held_out: HeldOut, synthetic: bool, courses: Mapping[str, Course], others: Mapping[str, ArrayLike]
) -> Findings:
    """
    Measure answers to held-out nodes; the headers of their CTs are read once more, for the spacing of slices.

    Args:
        name: Of the network.
        held_out: Its answers, of one run or pooled over folds.
        synthetic: True for phantoms.
        courses: The trainings that they come from, by name.
        others: Scores of the same nodes, in the same order, by name: baselines and other networks.

    Raises:
        InvalidCases: a class is missing, or a score lacks a node.
        UnreadableImage: a CT is gone.
    """
    labels, patients = held_out.labels, held_out.patients
    evaluation = evaluated(held_out, synthetic)
    ways = {USED: held_out.probabilities, **held_out.other_probabilities}
    metastatic_count = int(labels.sum())
    effect = design_effect(labels, held_out.logits, patients)
    return Findings(
        evaluation=evaluation,
        operating_points=tuple(rates_of(point, labels, calls, patients) for point, calls in held_out.calls.items()),
        calibration={way: calibration_of(labels, probabilities, patients) for way, probabilities in ways.items()},
        decision_curve=decision_curve(labels, held_out.probabilities, patients),
        comparison=compared(labels, patients, scores_of(name, held_out, others)),
        subgroups=subgroups(labels, held_out.logits, held_out.short_axes_mm, patients, _kinds(held_out)),
        power=power_of(evaluation.auc.value, metastatic_count, len(labels) - metastatic_count, effect),
        gaps={run: gaps_of(course) for run, course in courses.items()},
        mean_training_auc=mean_training_auc(list(courses.values())),
    )


def _kinds(held_out: HeldOut) -> dict[str, list[str]]:
    """What nodes are told apart by, and the group of each."""
    spacings = {image: read_spacing_mm(image)[0] for image in {case.image for case in held_out.cases}}
    kinds = {
        "short axis": size_tertiles(held_out.short_axes_mm),
        "slice spacing": spacing_groups([spacings[case.image] for case in held_out.cases]),
    }
    scanners = [case.scanner for case in held_out.cases]
    return {**kinds, "scanner": [scanner or "not said" for scanner in scanners]} if any(scanners) else kinds
