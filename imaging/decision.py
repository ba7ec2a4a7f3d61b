"""From the logits of a node's slices to a probability and a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, isfinite

from imaging.errors import InvalidManifest
from imaging.spec import Aggregation


class Call(StrEnum):
    """The two answers."""

    BENIGN = "benign"
    METASTATIC = "metastatic"


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    The line through the logit that makes 0.7 mean 70 % (Platt 1999); with ``bias`` 0 it is temperature scaling.

    Attributes:
        scale: Factor of the logit, above 0, so that the order of nodes stays.
        bias: Added afterwards.

    >>> Calibration().probability(0.0)
    0.5
    """

    scale: float = 1.0
    bias: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.scale) and self.scale > 0 and isfinite(self.bias)):
            raise InvalidManifest(f"a calibration needs a finite bias and a scale above 0, got {self}")

    def probability(self, logit: float) -> float:
        """Calibrated probability of metastasis, in [0, 1]."""
        x = self.scale * logit + self.bias
        return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """
    The probability from which a node is called metastatic.

    Attributes:
        probability: In [0, 1].
        sensitivity: Of the call at this point, on the data it was chosen on.
        specificity: Likewise.
        chosen_on: Those data, in words.
    """

    probability: float
    sensitivity: float
    specificity: float
    chosen_on: str

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise InvalidManifest(f"an operating point is a probability, got {self.probability}")


def call_at(operating_point: float, probability: float) -> Call:
    """The call at an operating point; a probability equal to it is called metastatic."""
    return Call.METASTATIC if probability >= operating_point else Call.BENIGN


def node_logit(slice_logits: Sequence[float], rule: Aggregation) -> float:
    """
    The logit of a node whose slices have these logits.

    >>> node_logit([0.0, 2.0], Aggregation.MEAN)
    1.0
    """
    return max(slice_logits) if rule is Aggregation.MAX else sum(slice_logits) / len(slice_logits)
