"""How much of a heat map lies on its node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.heatmap import heat_share
from imaging.roc import Estimate
from training.evidence.measured import mean_of
from training.evidence.nodes import HeldOutNodes
from training.networks.network import NodeNetwork
from training.predict import heat_on_crop
from training.split import NAMES


class Located(NamedTuple):
    """
    Where the heat of one node lies; all but the areas are NaN where there is no heat.

    Attributes:
        area: Share of the crop that is node.
        near_area: Share of the crop that is node or not farther from it than the margin.
        inside: Share of the heat inside the node.
        lift: That over `area`; 1 is chance.
        near: Share of the heat inside the node or not farther from it than the margin.
        near_lift: That over `near_area`.
        pointed: Whether the hottest pixel lies there; the share of the hottest pixels where several are.
        rank_accuracy: Share of the n hottest pixels that lie inside the node, which has n pixels.
    """

    area: float
    near_area: float
    inside: float
    lift: float
    near: float
    near_lift: float
    pointed: float
    rank_accuracy: float

    @property
    def empty(self) -> bool:
        """Whether there is nothing to measure: the network found nothing that speaks for metastasis."""
        return bool(np.isnan(self.lift))


@dataclass(frozen=True, slots=True)
class Localisation:
    """
    Where the heat of some nodes lies: means over those whose maps are not empty, None where all are.

    Attributes:
        node_count: Nodes asked about.
        empty_count: Those of them whose maps are empty: they count in nothing below.
        area: See `Located`, as all up to `rank_accuracy`.
        inside: Relevance mass (Arras et al. 2022, doi:10.1016/j.inffus.2021.11.008).
        lift: 1 is chance.
        near_area: Chance of `near` and `pointed`.
        near: As `inside`.
        near_lift: As `lift`.
        pointed: The pointing game with a tolerance (Zhang et al. 2018, doi:10.1007/s11263-017-1059-x).
        pointed_above_chance: That minus `near_area`, in pairs.
        rank_accuracy: Relevance rank (Arras et al. 2022).
        rank_above_chance: That minus `area`, in pairs.
    """

    node_count: int
    empty_count: int
    area: Estimate | None
    inside: Estimate | None
    lift: Estimate | None
    near_area: Estimate | None
    near: Estimate | None
    near_lift: Estimate | None
    pointed: Estimate | None
    pointed_above_chance: Estimate | None
    rank_accuracy: Estimate | None
    rank_above_chance: Estimate | None


def located(heat: NDArray[np.float32], node_mask: NDArray[np.bool_], near_mask: NDArray[np.bool_]) -> Located:
    """Where the heat on one crop lies; all arrays are (slices, rows, columns)."""
    area, near_area = float(node_mask.mean()), float(near_mask.mean())
    if area == 0 or not heat.any():
        return Located(area, near_area, *[np.nan] * 6)
    inside, near = heat_share(heat, node_mask), heat_share(heat, near_mask)
    pointed = float(near_mask[heat == heat.max()].mean())
    ranked = _rank_accuracy(heat, node_mask)
    return Located(area, near_area, inside.inside, inside.lift, near.inside, near.lift, pointed, ranked)


def located_all(
    network: NodeNetwork, evidence: NDArray[np.float32], nodes: HeldOutNodes, margin_mm: float
) -> list[Located]:
    """Where the heat of each node lies, from what `slice_evidence` gave; near is not farther than the margin."""
    return [
        located(heat_on_crop(network, each, mask.shape), mask, distance_mm <= margin_mm)
        for each, mask, distance_mm in zip(evidence, nodes.node_masks, nodes.distances_mm, strict=True)
    ]


def localisation(maps: Sequence[Located], patients: NDArray[np.str_]) -> Localisation:
    """The means, with intervals from resampled patients."""
    filled = np.array([not each.empty for each in maps])
    column = {name: np.array([getattr(each, name) for each in maps])[filled] for name in Located._fields}

    def mean(values: NDArray[np.float64]) -> Estimate | None:
        return mean_of(values, patients[filled])

    return Localisation(
        node_count=len(maps),
        empty_count=int((~filled).sum()),
        **{name: mean(values) for name, values in column.items()},
        pointed_above_chance=mean(column["pointed"] - column["near_area"]),
        rank_above_chance=mean(column["rank_accuracy"] - column["area"]),
    )


def localisation_by_label(maps: Sequence[Located], nodes: HeldOutNodes) -> dict[str, Localisation]:
    """Of all nodes, and of those of each label."""
    groups = {"all": np.ones(len(maps), dtype=bool)} | {name: nodes.labels == label for label, name in NAMES.items()}
    return {
        name: localisation([maps[n] for n in np.flatnonzero(group).tolist()], nodes.patients[group])
        for name, group in groups.items()
    }


def _rank_accuracy(heat: NDArray[np.float32], node_mask: NDArray[np.bool_]) -> float:
    """Among equally hot pixels, each counts by its chance to be chosen."""
    wanted = int(node_mask.sum())
    least = np.partition(heat.ravel(), -wanted)[-wanted]
    above = heat > least
    drawn = (wanted - int(above.sum())) * float(node_mask[heat == least].mean())
    return (int(node_mask[above].sum()) + drawn) / wanted
