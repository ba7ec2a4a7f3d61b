"""What the node alone changes: the same scene with a benign node, a metastatic one, and none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.roc import Estimate
from imaging.spec import Aggregation
from training.evidence.measured import mean_of
from training.networks.network import NodeNetwork
from training.predict import node_logits


@dataclass(frozen=True, slots=True, eq=False)
class TwinChanges:
    """
    By how much the logit rises from one twin to another, (scenes,).

    Attributes:
        benign_to_metastatic: The disease alone.
        absent_to_metastatic: The metastatic node.
        absent_to_benign: The benign node.
    """

    benign_to_metastatic: NDArray[np.float64]
    absent_to_metastatic: NDArray[np.float64]
    absent_to_benign: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Twins:
    """
    Mean rises of the logit, and how often the metastatic twin has the higher one.

    Attributes:
        scene_count: Scenes, each with its three twins.
        benign_to_metastatic: See `TwinChanges`, as the next two.
        absent_to_metastatic: The metastatic node.
        absent_to_benign: The benign node.
        ordered: Share of scenes whose metastatic twin has a higher logit than the benign one; 0.5 is chance.
    """

    scene_count: int
    benign_to_metastatic: Estimate | None
    absent_to_metastatic: Estimate | None
    absent_to_benign: Estimate | None
    ordered: Estimate | None


def twin_changes(network: NodeNetwork, crops: NDArray[np.float32], rule: Aggregation) -> TwinChanges:
    """
    What a network says about twins.

    Args:
        network: Any.
        crops: (scenes, 3, slices, rows, columns): the scene with a benign node, a metastatic node, and without.
        rule: From slices to node.
    """
    benign, metastatic, absent = (node_logits(network, crops[:, twin], rule) for twin in range(3))
    return TwinChanges(metastatic - benign, metastatic - absent, benign - absent)


def twins(changes: TwinChanges, patients: NDArray[np.str_]) -> Twins:
    """The means, with intervals from resampled patients, (scenes,)."""
    return Twins(
        scene_count=len(patients),
        benign_to_metastatic=mean_of(changes.benign_to_metastatic, patients),
        absent_to_metastatic=mean_of(changes.absent_to_metastatic, patients),
        absent_to_benign=mean_of(changes.absent_to_benign, patients),
        ordered=mean_of(np.heaviside(changes.benign_to_metastatic, 0.5), patients),
    )
