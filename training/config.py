"""All choices of a training run."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from imaging.crop import EdgePolicy
from imaging.spec import PreprocessingSpec
from training.errors import InvalidOptions, InvalidRun


class StopOn(StrEnum):
    """What the validation part judges an epoch by."""

    AUC = "auc"
    LOSS = "loss"


class Purpose(StrEnum):
    """What a run is for; only a model may be exported."""

    MODEL = "model"
    LEAK = "leak demonstrator"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class RunConfig:
    """
    All choices of a training run.

    Attributes:
        network: Name in the catalogue.
        spec: From HU to crops.
        edge_policy: What becomes of a node whose crop reaches beyond its CT.
        cases: The table of cases.
        labels: Ledger and revision that the labels are from, or None for those of the table.
        labels_digest: Head of that ledger at that revision, or None.
        cohort_digest: Of what it held.
        synthetic: True for phantoms.
        seed: Of split, weights, order, dropout and augmentation.
        epoch_count: Epochs at most.
        batch_size: Slices in a step.
        learning_rate: Of Adam.
        augmented: Whether crops are flipped, turned and shifted.
        stop_on: What makes an epoch the best.
        patience: Epochs without a better one until the run stops.
        weights_sha256: Digest of the file of pretrained weights, or None.
        guidance: Weight of the share of evidence beside the node in the loss.
        purpose: What the run is for.

    Raises:
        InvalidOptions: a number is out of its range.
    """

    network: str
    spec: PreprocessingSpec
    edge_policy: EdgePolicy
    cases: str
    labels: str | None = field(default=None, kw_only=True)
    labels_digest: str | None = field(default=None, kw_only=True)
    cohort_digest: str
    synthetic: bool
    seed: int
    epoch_count: int
    batch_size: int
    learning_rate: float
    augmented: bool
    stop_on: StopOn
    patience: int
    weights_sha256: str | None
    guidance: float = 0.0
    purpose: Purpose = Purpose.MODEL

    def __post_init__(self) -> None:
        for name in ("epoch_count", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise InvalidOptions(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.learning_rate < math.inf:
            raise InvalidOptions(f"learning_rate must be above 0, got {self.learning_rate}")
        if not 0 <= self.guidance < math.inf:
            raise InvalidOptions(f"guidance must not be negative, got {self.guidance}")
        if self.seed < 0:
            raise InvalidOptions(f"seed must not be negative, got {self.seed}")

    def to_json(self) -> str:
        """The choices as text."""
        return json.dumps({**asdict(self), "spec": self.spec.to_dict()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RunConfig":
        """
        Read what `to_json` wrote.

        Raises:
            InvalidRun: it is something else.
        """
        try:
            plain = json.loads(text)
            typed = {
                "spec": PreprocessingSpec.from_dict(plain["spec"]),
                "edge_policy": EdgePolicy(plain["edge_policy"]),
                "stop_on": StopOn(plain["stop_on"]),
                "purpose": Purpose(plain.get("purpose", Purpose.MODEL)),
            }
            return cls(**{**plain, **typed})
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidRun(f"not the choices of a training run: {error}") from error

    def differences(self, other: "RunConfig") -> list[tuple[str, Any, Any]]:
        """Name, own and other value of each choice that differs; those of the spec one by one."""
        own, others = self._flat(), other._flat()
        return [(name, own[name], others[name]) for name in own if own[name] != others[name]]

    def _flat(self) -> dict[str, Any]:
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "spec"}
        return {**own, **self.spec.to_dict()}
