"""A manifest for tests."""

from dataclasses import replace
from typing import Any

from imaging.decision import Calibration, OperatingPoint
from imaging.heatmap import HeatmapGrid
from imaging.manifest import Gate, Manifest, Metric, TrainingData
from imaging.spec import PreprocessingSpec


def manifest(**changes: Any) -> Manifest:
    """A complete manifest of a model on phantoms, with the given fields changed."""
    complete = Manifest(
        name="cnn",
        version=1,
        network="cnn",
        preprocessing=PreprocessingSpec(),
        heatmap=HeatmapGrid(4.0, 1.5),
        calibration=Calibration(0.8, -0.1),
        operating_point=OperatingPoint(0.3, 0.9, 0.55, "validation patients"),
        training_data=TrainingData("0" * 64, True, 30, 60),
        metrics=(Metric("auc", 0.8, 0.7, 0.9, 0.95, "held-out patients"),),
        gates=(Gate("auc above chance", 0.8, 0.7, 0.9, 0.5, True),),
        golden_digest="1" * 64,
        licence="Apache-2.0",
        created="2026-11-24T12:00:00+00:00",
        code_version="0.1.0",
    )
    return replace(complete, **changes)
