"""Whether a score is as good on small nodes, thick slices or another scanner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.roc import Estimate
from training.statistics.delong import auc_interval

SMALLEST_CLASS = 5
"""Nodes of either class below which an AUC is not worth a number."""

SPACING_STEPS_MM = (1.5, 3.0)
"""Where thin slices end, and where thick ones begin."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """
    Nodes that have something in common.

    Attributes:
        kind: What they are told apart by.
        name: What they have in common.
        node_count: How many they are.
        metastatic_count: How many of them are metastatic.
        patient_count: Whose they are.
        auc: Of the score, with the interval of DeLong's form for nodes in patients; None where there are too few.
        size_auc: Likewise of the short axis alone.
    """

    kind: str
    name: str
    node_count: int
    metastatic_count: int
    patient_count: int
    auc: Estimate | None
    size_auc: Estimate | None


def subgroups(
    labels: ArrayLike,
    scores: ArrayLike,
    short_axes_mm: ArrayLike,
    patients: ArrayLike,
    kinds: Mapping[str, Sequence[str]],
) -> tuple[Subgroup, ...]:
    """
    Measure each group of each kind.

    Args:
        labels: 1 metastatic, 0 benign, (nodes,).
        scores: The larger, the more metastatic, (nodes,).
        short_axes_mm: Of the nodes, (nodes,).
        patients: Whose they are, (nodes,).
        kinds: For each kind the group of each node; groups are told in the order of their names.
    """
    return tuple(
        _subgroup(kind, name, np.asarray(names) == name, *map(np.asarray, (labels, scores, short_axes_mm, patients)))
        for kind, names in kinds.items()
        for name in sorted(set(names))
    )


def _subgroup(
    kind: str,
    name: str,
    chosen: NDArray[np.bool_],
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    short_axes_mm: NDArray[np.float64],
    patients: NDArray[np.generic],
) -> Subgroup:
    own, owners = labels[chosen], patients[chosen]
    metastatic = int(own.sum())
    enough = min(metastatic, len(own) - metastatic) >= SMALLEST_CLASS
    return Subgroup(
        kind=kind,
        name=name,
        node_count=len(own),
        metastatic_count=metastatic,
        patient_count=len(np.unique(owners)),
        auc=auc_interval(own, scores[chosen], owners) if enough else None,
        size_auc=auc_interval(own, short_axes_mm[chosen], owners) if enough else None,
    )


def size_tertiles(short_axes_mm: NDArray[np.float64]) -> list[str]:
    """The third of the nodes that each is in, by its short axis."""
    lower, upper = np.quantile(short_axes_mm, [1 / 3, 2 / 3]).tolist()
    return _steps(short_axes_mm, (lower, upper))


def spacing_groups(slice_spacings_mm: Sequence[float]) -> list[str]:
    """Thin, middle or thick slices, for each node."""
    # NIfTI headers hold float32: 1.5 may read as 1.5000001.
    return _steps(np.round(np.array(slice_spacings_mm), 3), SPACING_STEPS_MM)


def _steps(sizes_mm: NDArray[np.float64], ends_mm: tuple[float, float]) -> list[str]:
    """Names of three groups that are in order when sorted."""
    lower, upper = ends_mm
    names = (f"1: up to {lower:.1f} mm", f"2: {lower:.1f} to {upper:.1f} mm", f"3: above {upper:.1f} mm")
    places: list[int] = np.searchsorted(ends_mm, sizes_mm).tolist()
    return [names[place] for place in places]
