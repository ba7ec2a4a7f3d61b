"""
What a model file says about itself.

The manifest is the whole configuration of a model: training writes it as JSON under `METADATA_KEY` of the ONNX
file's ``metadata_props``, the service reads it from there and knows no other.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from imaging.decision import Calibration, OperatingPoint
from imaging.distribution import Distribution
from imaging.errors import InvalidManifest
from imaging.heatmap import HeatmapGrid
from imaging.spec import PreprocessingSpec

METADATA_KEY = "nodelens"
"""Key of the manifest in ``metadata_props``."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """
    What a network learnt from.

    Attributes:
        digest: SHA-256 over the cases table and all its files.
        synthetic: True for phantoms, whose results say nothing about patients.
        patient_count: Patients it was trained on.
        node_count: Nodes it was trained on.
        distribution: What they were like, by feature; the probabilities are of nodes that it was not trained on. Empty
            in older files.
    """

    digest: str
    synthetic: bool
    patient_count: int
    node_count: int
    distribution: tuple[Distribution, ...] = ()

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "TrainingData":
        """Read what was written as JSON."""
        return cls(**{**plain, "distribution": tuple(map(Distribution.from_dict, plain.get("distribution", ())))})


@dataclass(frozen=True, slots=True)
class Metric:
    """One result with its confidence interval: what was measured, on which data, and how sure it is."""

    name: str
    value: float
    lower: float
    upper: float
    confidence: float
    data: str


@dataclass(frozen=True, slots=True)
class Gate:
    """
    One condition of a release.

    Attributes:
        name: What is asked.
        value: What was found; None where it was not measured, which is no pass.
        lower: Lower end of its interval, or the value itself where it is exact; None likewise.
        upper: Upper end, likewise.
        threshold: What it was compared with.
        passed: The verdict.
        condition: How it was compared, in words.
        note: What else one must know of it.

    Raises:
        InvalidManifest: it passed without a value.
    """

    name: str
    value: float | None
    lower: float | None
    upper: float | None
    threshold: float
    passed: bool
    condition: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.passed and not self.measured:
            raise InvalidManifest(f"the gate {self.name!r} cannot have passed: it was not measured")

    @property
    def measured(self) -> bool:
        """Whether there is a value with an interval."""
        return None not in (self.value, self.lower, self.upper)

    @property
    def verdict(self) -> str:
        """In words: ``passed``, ``NOT PASSED`` or ``NOT MEASURED``."""
        if not self.measured:
            return "NOT MEASURED"
        return "passed" if self.passed else "NOT PASSED"


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    All that one must know to use a model.

    Attributes:
        name: Of the model; also its folder.
        version: Of the model, from 1; also its folder.
        network: The kind of network: ``cnn``, ``cnn-gap``, ``resnet50``.
        preprocessing: How its crops are made.
        heatmap: Where the cells of its heat maps lie on its input.
        calibration: From logit to probability.
        operating_point: From probability to call.
        training_data: What it learnt from.
        metrics: What it achieved on data it had not seen.
        gates: The release gates and their verdicts.
        golden_digest: SHA-256 of the golden cases stored beside the manifest.
        licence: Of the weights.
        created: ISO 8601 time, UTC.
        code_version: Release that exported it.
    """

    name: str
    version: int
    network: str
    preprocessing: PreprocessingSpec
    heatmap: HeatmapGrid
    calibration: Calibration
    operating_point: OperatingPoint
    training_data: TrainingData
    metrics: tuple[Metric, ...]
    gates: tuple[Gate, ...]
    golden_digest: str
    licence: str
    created: str
    code_version: str

    @property
    def released(self) -> bool:
        """Whether there are gates and all of them passed."""
        return bool(self.gates) and all(gate.passed for gate in self.gates)

    def to_json(self) -> str:
        """The manifest as JSON text."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """
        Read what `to_json` wrote.

        Raises:
            InvalidManifest: it is not JSON, or a field is missing, unknown or impossible.
            InvalidSpec: its preprocessing is impossible, or of another version.
        """
        try:
            plain = json.loads(text)
            spec = PreprocessingSpec.from_dict(plain["preprocessing"])
            return cls(**{**plain, **_parts(plain), "preprocessing": spec})
        except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, json.JSONDecodeError) as error:
            raise InvalidManifest(f"not a manifest of a NodeLens model: {error!r}") from error


def _parts(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "heatmap": HeatmapGrid(**plain["heatmap"]),
        "calibration": Calibration(**plain["calibration"]),
        "operating_point": OperatingPoint(**plain["operating_point"]),
        "training_data": TrainingData.from_dict(plain["training_data"]),
        "metrics": tuple(Metric(**metric) for metric in plain["metrics"]),
        "gates": tuple(Gate(**gate) for gate in plain["gates"]),
    }
