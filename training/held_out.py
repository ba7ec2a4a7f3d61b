"""What a trained network says about nodes it did not learn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.decision import Calibration, OperatingPoint
from imaging.heatmap import heat_share
from training.calibrate import calibrated
from training.cases import Case
from training.crops import NodeCrops
from training.networks.network import NodeNetwork
from training.predict import heat_on_crop, node_logits, slice_evidence
from training.roc import operating_point
from training.run import Run


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """
    Answers about the test part of a run; all arrays are (nodes,).

    Attributes:
        cases: The nodes.
        labels: 1 metastatic, 0 benign.
        logits: Of the network.
        probabilities: Calibrated on the validation part.
        log_volumes: Natural logarithm of the volumes in mm³: what size alone would say.
        lifts: Of the heat maps; 0 where there is no heat.
        calibration: As chosen on the validation part.
        operating_point: Likewise.
    """

    cases: tuple[Case, ...]
    labels: NDArray[np.int64]
    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    log_volumes: NDArray[np.float64]
    lifts: NDArray[np.float64]
    calibration: Calibration
    operating_point: OperatingPoint

    @property
    def patients(self) -> list[str]:
        """Whose the nodes are."""
        return [case.patient for case in self.cases]


def answer_held_out(run: Run, crops: NodeCrops) -> HeldOut:
    """
    Choose calibration and operating point on a run's validation part, and answer its test part.

    Raises:
        InvalidRun: training has not finished.
    """
    network, rule = run.network(), run.config.spec.aggregation
    parts = crops.rows_of(run.split)
    validation, test = np.array(parts.validation), np.array(parts.test)
    validation_logits = node_logits(network, crops.pixels[validation], rule)
    calibration = calibrated(crops.labels[validation], validation_logits)
    logits = node_logits(network, crops.pixels[test], rule)
    return HeldOut(
        cases=tuple(crops.cases[n] for n in test),
        labels=crops.labels[test],
        logits=logits,
        probabilities=_probabilities(calibration, logits),
        log_volumes=np.log([crops.measurements[n].volume_mm3 for n in test]),
        lifts=_lifts(network, crops.pixels[test], crops.node_masks[test]),
        calibration=calibration,
        operating_point=operating_point(
            crops.labels[validation], _probabilities(calibration, validation_logits), "validation patients of the run"
        ),
    )


def _probabilities(calibration: Calibration, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([calibration.probability(logit) for logit in logits.tolist()])


def _lifts(network: NodeNetwork, pixels: NDArray[np.float32], node_masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The heat-map lifts of nodes, (nodes,)."""
    evidence = slice_evidence(network, pixels)
    pairs = zip(evidence, node_masks, strict=True)
    return np.array([heat_share(heat_on_crop(network, each, mask.shape), mask).lift for each, mask in pairs])
