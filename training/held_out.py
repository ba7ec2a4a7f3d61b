"""What a trained network says about nodes it did not learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from imaging.decision import Calibration, OperatingPoint
from imaging.heatmap import heat_share
from imaging.roc import SENSITIVITY, operating_point, specific_threshold
from training.calibrate import calibrated
from training.cases import Case
from training.crops import NodeCrops
from training.networks.network import NodeNetwork
from training.predict import heat_on_crop, node_logits, slice_evidence
from training.run import Run

CHOSEN = f"sensitivity {SENSITIVITY:.0%} on validation"
SPECIFIC = f"specificity {SENSITIVITY:.0%} on validation"
EVEN = "probability 0.5"
"""Operating points by name; the first is the one that is exported."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """
    Answers about the test part of a run; all arrays are (nodes,).

    Attributes:
        cases: The nodes.
        labels: 1 metastatic, 0 benign.
        logits: Of the network.
        probabilities: Calibrated on the validation part.
        other_probabilities: By other ways to calibrate: with a temperature chosen there too, and not at all.
        calls: Whether the node is called metastatic, by operating point.
        log_volumes: Natural logarithm of the volumes in mm³: what size alone would say.
        short_axes_mm: What radiologists measure.
        lifts: Of the heat maps; 0 where there is no heat.
        calibration: As chosen on the validation part.
        operating_point: Likewise.
    """

    cases: tuple[Case, ...]
    labels: NDArray[np.int64]
    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    other_probabilities: Mapping[str, NDArray[np.float64]]
    calls: Mapping[str, NDArray[np.bool_]]
    log_volumes: NDArray[np.float64]
    short_axes_mm: NDArray[np.float64]
    lifts: NDArray[np.float64]
    calibration: Calibration
    operating_point: OperatingPoint

    @property
    def patients(self) -> list[str]:
        """Whose the nodes are."""
        return [case.patient for case in self.cases]


class Decisions(TypedDict):
    """What of `HeldOut` is chosen on validation nodes."""

    probabilities: NDArray[np.float64]
    other_probabilities: Mapping[str, NDArray[np.float64]]
    calls: Mapping[str, NDArray[np.bool_]]
    calibration: Calibration
    operating_point: OperatingPoint


def answer_held_out(run: Run, crops: NodeCrops) -> HeldOut:
    """
    Choose calibration and operating point on a run's validation part, and answer its test part.

    Raises:
        InvalidRun: training has not finished.
    """
    network, rule = run.network(), run.config.spec.aggregation
    parts = crops.rows_of(run.split)
    validation, test = np.array(parts.validation), np.array(parts.test)
    chosen_by = node_logits(network, crops.pixels[validation], rule)
    logits = node_logits(network, crops.pixels[test], rule)
    return HeldOut(
        cases=tuple(crops.cases[n] for n in test),
        labels=crops.labels[test],
        logits=logits,
        log_volumes=np.log([crops.measurements[n].volume_mm3 for n in test]),
        short_axes_mm=np.array([crops.measurements[n].short_axis_mm for n in test]),
        lifts=_lifts(network, crops.pixels[test], crops.node_masks[test]),
        **decided(crops.labels[validation], chosen_by, logits, "validation patients of the run"),
    )


def decided(
    labels: NDArray[np.int64], validation_logits: NDArray[np.float64], logits: NDArray[np.float64], chosen_on: str
) -> Decisions:
    """
    Choose calibrations and operating points on validation nodes, and apply them to others.

    Args:
        labels: Of the validation nodes.
        validation_logits: Of the same.
        logits: Of the nodes to be answered.
        chosen_on: What the validation nodes are, in words.
    """
    platt, temperature = (calibrated(labels, validation_logits, through_zero) for through_zero in (False, True))
    known = _probabilities(platt, validation_logits)
    point = operating_point(labels, known, chosen_on)
    thresholds = {CHOSEN: point.probability, SPECIFIC: specific_threshold(labels, known), EVEN: 0.5}
    probabilities = _probabilities(platt, logits)
    return Decisions(
        probabilities=probabilities,
        other_probabilities={"temperature": _probabilities(temperature, logits), "none": expit(logits)},
        calls={name: probabilities >= threshold for name, threshold in thresholds.items()},
        calibration=platt,
        operating_point=point,
    )


def pooled(answers: Sequence[HeldOut]) -> HeldOut:
    """
    The answers of several networks, each about nodes of its own, as one.

    Probabilities and calls are pooled as each network's validation part chose them, and the logits of those
    probabilities with them: raw logits of different networks are on different scales.
    """
    return replace(
        answers[0],
        cases=tuple(case for each in answers for case in each.cases),
        labels=np.concatenate([each.labels for each in answers]),
        logits=np.concatenate([each.calibration.scale * each.logits + each.calibration.bias for each in answers]),
        probabilities=np.concatenate([each.probabilities for each in answers]),
        other_probabilities={
            way: np.concatenate([each.other_probabilities[way] for each in answers])
            for way in answers[0].other_probabilities
        },
        calls={point: np.concatenate([each.calls[point] for each in answers]) for point in answers[0].calls},
        log_volumes=np.concatenate([each.log_volumes for each in answers]),
        short_axes_mm=np.concatenate([each.short_axes_mm for each in answers]),
        lifts=np.concatenate([each.lifts for each in answers]),
    )


def averaged(whole: HeldOut) -> HeldOut:
    """
    Each node once, where pooled answers have it several times.

    Logits, lifts and probabilities are means, those that are used by way of their logits; calls are the majority's.
    """
    _, first, places = np.unique([case.row for case in whole.cases], return_index=True, return_inverse=True)

    def mean(values: NDArray[Any]) -> NDArray[np.float64]:
        means: NDArray[np.float64] = np.bincount(places, values) / np.bincount(places)
        return means

    return replace(
        whole,
        cases=tuple(whole.cases[n] for n in first),
        labels=whole.labels[first],
        logits=mean(whole.logits),
        probabilities=expit(mean(whole.logits)),
        other_probabilities={way: mean(values) for way, values in whole.other_probabilities.items()},
        calls={point: mean(called) >= 0.5 for point, called in whole.calls.items()},
        log_volumes=whole.log_volumes[first],
        short_axes_mm=whole.short_axes_mm[first],
        lifts=mean(whole.lifts),
    )


def _probabilities(calibration: Calibration, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([calibration.probability(logit) for logit in logits.tolist()])


def _lifts(network: NodeNetwork, pixels: NDArray[np.float32], node_masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The heat-map lifts of nodes, (nodes,)."""
    evidence = slice_evidence(network, pixels)
    pairs = zip(evidence, node_masks, strict=True)
    return np.array([heat_share(heat_on_crop(network, each, mask.shape), mask).lift for each, mask in pairs])
