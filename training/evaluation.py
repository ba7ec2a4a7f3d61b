"""How good a network is on nodes it never saw, and how sure one may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.atomic import write_rows
from imaging.proportion import rates_of
from imaging.roc import Estimate, auc_difference, auc_with_interval
from training.cases import Case
from training.held_out import CHOSEN, HeldOut

NUMBER_COLUMNS = ("logit", "probability", "log_volume", "short_axis_mm", "heatmap_lift")
NODE_COLUMNS = ("patient", "image", "node", "label")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    Results on held-out patients; intervals are 95 %, from resampled patients.

    Attributes:
        node_count: Nodes tested.
        patient_count: Patients tested.
        auc: Of the network.
        size_auc: Of the nodes' volume alone.
        auc_above_size: Difference of the two on the same nodes.
        short_axis_auc: Of the nodes' short axis alone.
        auc_above_short_axis: Difference to it on the same nodes.
        sensitivity: At the operating point that was chosen on the validation part; with Wilson's interval.
        specificity: Likewise.
        brier: Mean squared error of the probabilities.
        mean_lift: Of the heat maps; 1 is chance.
        synthetic: True for phantoms, whose results say nothing about patients.
    """

    node_count: int
    patient_count: int
    auc: Estimate
    size_auc: Estimate
    auc_above_size: Estimate
    short_axis_auc: Estimate
    auc_above_short_axis: Estimate
    sensitivity: Estimate
    specificity: Estimate
    brier: float
    mean_lift: float
    synthetic: bool


def evaluated(held_out: HeldOut, synthetic: bool) -> Evaluation:
    """
    Measure answers to held-out nodes.

    Raises:
        InvalidCases: a class is missing.
    """
    labels, probabilities, patients = held_out.labels, held_out.probabilities, held_out.patients
    point = rates_of(CHOSEN, labels, held_out.calls[CHOSEN], patients)
    return Evaluation(
        node_count=len(labels),
        patient_count=len(set(patients)),
        auc=auc_with_interval(labels, held_out.logits, patients),
        size_auc=auc_with_interval(labels, held_out.log_volumes, patients),
        auc_above_size=auc_difference(labels, held_out.logits, held_out.log_volumes, patients),
        short_axis_auc=auc_with_interval(labels, held_out.short_axes_mm, patients),
        auc_above_short_axis=auc_difference(labels, held_out.logits, held_out.short_axes_mm, patients),
        sensitivity=point.sensitivity,
        specificity=point.specificity,
        brier=float(np.mean((probabilities - labels) ** 2)),
        mean_lift=float(np.mean(held_out.lifts)),
        synthetic=synthetic,
    )


def write_predictions(path: Path, held_out: HeldOut, more: Mapping[str, Sequence[object]] | None = None) -> None:
    """Write a row for each answer to a held-out node; ``more`` are columns to append, by name."""
    sizes = (held_out.log_volumes, held_out.short_axes_mm)
    arrays = (held_out.logits, held_out.probabilities, *sizes, held_out.lifts)
    write_scores(path, held_out.cases, dict(zip(NUMBER_COLUMNS, arrays, strict=True)), more)


def write_scores(
    path: Path,
    cases: Sequence[Case],
    scores: Mapping[str, NDArray[np.float64]],
    more: Mapping[str, Sequence[object]] | None = None,
) -> None:
    """Write a row for each node: which it is, its scores, each (nodes,), and ``more`` columns as they are."""
    others = more or {}
    names = [(case.patient, case.image.name, case.node, case.label) for case in cases]
    numbers = [[f"{number:.6g}" for number in column] for column in scores.values()]
    columns = zip(names, *numbers, *others.values(), strict=True)
    write_rows(path, (*NODE_COLUMNS, *scores, *others), ([*name, *cells] for name, *cells in columns))


def table_of(evaluations: dict[str, Evaluation]) -> str:
    """Evaluations by name as a Markdown table."""
    lines = [
        "| | nodes | patients | AUC (95 % interval) | AUC of size alone | difference | AUC of short axis alone "
        "| difference | sensitivity | specificity | Brier | mean heat-map lift |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, e in evaluations.items():
        lines.append(
            f"| {name} | {e.node_count} | {e.patient_count} | {e.auc} | {e.size_auc} | {e.auc_above_size} "
            f"| {e.short_axis_auc} | {e.auc_above_short_axis} | {e.sensitivity} | {e.specificity} "
            f"| {e.brier:.3f} | {e.mean_lift:.2f} |"
        )
    if any(evaluation.synthetic for evaluation in evaluations.values()):
        lines += [
            "",
            "SYNTHETIC: measured on phantoms; this shows that the machinery works and says nothing of patients.",
        ]
    return "\n".join(lines) + "\n"
