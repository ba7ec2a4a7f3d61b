"""What a trained network says about nodes it did not learn from."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from imaging.decision import Calibration, OperatingPoint
from imaging.geometry import Geometry
from imaging.heatmap import heat_share
from training.calibrate import calibrated
from training.cases import Case
from training.crops import NodeCrops
from training.networks.network import NodeNetwork
from training.predict import node_logits
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
        lifts=np.array([_lift(network, crops.pixels[n], crops.node_masks[n]) for n in test]),
        calibration=calibration,
        operating_point=operating_point(
            crops.labels[validation], _probabilities(calibration, validation_logits), "validation patients of the run"
        ),
    )


def _probabilities(calibration: Calibration, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([calibration.probability(logit) for logit in logits.tolist()])


def _lift(network: NodeNetwork, pixels: NDArray[np.float32], node_mask: NDArray[np.bool_]) -> float:
    """The heat-map lift of one node, (slices, rows, columns)."""
    with torch.inference_mode():
        heatmaps = network.explained(torch.from_numpy(np.array(pixels[:, None]))).heatmaps.numpy()
    # Only the count of pixels matters here, not where they are.
    grid = Geometry((pixels.shape[0], pixels.shape[1], pixels.shape[2]), (1.0, 1.0, 1.0))
    return heat_share(network.heatmap_grid.on_crop(heatmaps, grid), node_mask).lift
