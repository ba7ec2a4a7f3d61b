"""Choices of small runs."""

from dataclasses import replace
from typing import Any

from imaging.crop import EdgePolicy
from imaging.spec import PreprocessingSpec
from training.config import RunConfig, StopOn

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))
"""Fits the ellipsoids of `tests.training.cohorts`."""

CONFIG = RunConfig(
    network="cnn-gap",
    spec=SPEC,
    edge_policy=EdgePolicy.REPORT,
    cases="cases.csv",
    cohort_digest="c0",
    synthetic=True,
    seed=0,
    epoch_count=3,
    batch_size=4,
    learning_rate=1e-3,
    augmented=True,
    stop_on=StopOn.AUC,
    patience=3,
    weights_sha256=None,
)


def config(**choices: Any) -> RunConfig:
    """The small run with other choices."""
    return replace(CONFIG, **choices)
