"""Whether the answer comes from the node: what becomes of it when the node, or all else, is taken away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.decision import Calibration
from imaging.roc import Estimate
from imaging.spec import Aggregation
from training.evidence.measured import is_above, mean_of, over_last_axis
from training.evidence.repainted import DONOR_COUNT, Repainted
from training.networks.network import NodeNetwork
from training.predict import node_logits


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """
    Logits of nodes; NaN where a crop could not be made.

    Attributes:
        original: (nodes,).
        removed: Without the node, (nodes,).
        elsewhere: With as much painted out elsewhere, (nodes,).
        swapped: On other backgrounds, (nodes, backgrounds).
    """

    original: NDArray[np.float64]
    removed: NDArray[np.float64]
    elsewhere: NDArray[np.float64]
    swapped: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calls:
    """
    What becomes of the nodes that are called metastatic; None where there are none.

    Attributes:
        node_count: Metastatic calls that could be tested.
        overturned_by_removal: Share that is called benign without the node.
        overturned_elsewhere: Share that is called benign with as much painted out elsewhere.
        overturned_by_swap: Share that is called benign on other backgrounds, mean over them.
        share_of_drop: Of the falls of the logit without the node and on other backgrounds, the share of the former;
            a node whose logit falls neither way has none.
    """

    node_count: int
    overturned_by_removal: Estimate | None
    overturned_elsewhere: Estimate | None
    overturned_by_swap: Estimate | None
    share_of_drop: Estimate | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """
    Mean absolute changes of the logit, which no heat map has a part in.

    Attributes:
        node_count: Nodes that could be tested.
        left_out_count: Those that fill more than half of a slice, or have no background of the other label.
        removed: Change when the node is painted out.
        elsewhere: Change when as much is painted out elsewhere.
        swapped: Change when all but the node is another crop's.
        removed_above_elsewhere: Difference in pairs.
        removed_above_swapped: Likewise.
        calls: About metastatic calls.
    """

    node_count: int
    left_out_count: int
    removed: Estimate | None
    elsewhere: Estimate | None
    swapped: Estimate | None
    removed_above_elsewhere: Estimate | None
    removed_above_swapped: Estimate | None
    calls: Calls

    @property
    def from_node(self) -> bool:
        """Whether the answer comes from the node: both differences are above 0 by their whole intervals."""
        return is_above(self.removed_above_elsewhere, 0.0) and is_above(self.removed_above_swapped, 0.0)


def answers_to(network: NodeNetwork, crops: Repainted, rule: Aggregation) -> Answers:
    """What a network says about crops that never were."""
    swapped = [node_logits(network, crops.swapped(n), rule) for n in range(DONOR_COUNT)]
    return Answers(
        original=node_logits(network, crops.pixels, rule),
        removed=np.where(crops.possible, node_logits(network, crops.removed, rule), np.nan),
        elsewhere=np.where(crops.possible, node_logits(network, crops.elsewhere, rule), np.nan),
        swapped=np.where(crops.donors >= 0, np.stack(swapped, axis=1), np.nan),
    )


def counterfactual(
    answers: Answers, patients: NDArray[np.str_], calibration: Calibration, operating_point: float
) -> Counterfactual:
    """
    The changes, with intervals from resampled patients.

    Args:
        answers: To crops that never were.
        patients: Whose the nodes are, (nodes,).
        calibration: From logits to probabilities.
        operating_point: The probability from which a node is called metastatic.
    """
    removed = np.abs(answers.removed - answers.original)
    elsewhere = np.abs(answers.elsewhere - answers.original)
    swapped = over_last_axis(np.abs(answers.swapped - answers.original[:, None]))
    tested = np.isfinite(removed) & np.isfinite(swapped)
    return Counterfactual(
        node_count=int(tested.sum()),
        left_out_count=int((~tested).sum()),
        removed=mean_of(removed[tested], patients[tested]),
        elsewhere=mean_of(elsewhere[tested], patients[tested]),
        swapped=mean_of(swapped[tested], patients[tested]),
        removed_above_elsewhere=mean_of((removed - elsewhere)[tested], patients[tested]),
        removed_above_swapped=mean_of((removed - swapped)[tested], patients[tested]),
        calls=_calls(answers, tested, patients, calibration, operating_point),
    )


def _calls(
    answers: Answers,
    tested: NDArray[np.bool_],
    patients: NDArray[np.str_],
    calibration: Calibration,
    operating_point: float,
) -> Calls:
    def metastatic(logits: NDArray[np.float64]) -> NDArray[np.bool_]:
        probabilities = [calibration.probability(logit) for logit in logits.ravel().tolist()]
        return (np.array(probabilities) >= operating_point).reshape(logits.shape)

    called = tested.copy()
    called[tested] = metastatic(answers.original[tested])
    fall = np.maximum(answers.original - answers.removed, 0)[called]
    fall_on_others = np.maximum(answers.original - answers.swapped.mean(axis=1), 0)[called]
    falls = fall + fall_on_others
    share = np.divide(fall, falls, out=np.full(len(falls), np.nan), where=falls > 0)
    return Calls(
        node_count=int(called.sum()),
        overturned_by_removal=mean_of(~metastatic(answers.removed[called]), patients[called]),
        overturned_elsewhere=mean_of(~metastatic(answers.elsewhere[called]), patients[called]),
        overturned_by_swap=mean_of(1.0 - metastatic(answers.swapped[called]).mean(axis=1), patients[called]),
        share_of_drop=mean_of(share, patients[called]),
    )
