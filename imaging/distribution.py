"""
What the data that a model learnt from were like, and how far others are from that.

Training counts its data in bins that hold a tenth each and writes the counts into the manifest; the service counts
what it is sent in the same bins. Their distance is the population stability index (Siddiqi 2006),

    PSI = sum over bins of (q - p) ln(q / p)

for shares p of the training data and q of others. By custom .1 is worth a look and .25 is another population.

Even without any change its mean is about (bins - 1) (1/n + 1/m) for n and m values (Yurdakul 2018), which is above .1
for 100 values; so this much is taken off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.errors import InvalidManifest
from imaging.geometry import Triple
from imaging.measurements import NodeMeasurements

DECILES = np.arange(1, 10) / 10

MARGIN = 0.01
"""How far beyond the training data the outermost edges lie, as a share of the largest value."""

PRIOR_COUNT = 0.5
"""Added to each bin, so that an empty one has a logarithm (Jeffreys's prior)."""

SPACING_DIGITS = 3
"""Decimals of a spacing in mm: files hold it with 32 bits, the wire with 64."""


class Feature(StrEnum):
    """What is compared: the spacing once for each CT, all else once for each node that was scored."""

    SPACING_Z = "spacing_z_mm"
    SPACING_Y = "spacing_y_mm"
    SPACING_X = "spacing_x_mm"
    MEAN_HU = "mean_hu"
    SHORT_AXIS = "short_axis_mm"
    VOLUME = "volume_mm3"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    How often a feature had which values.

    Attributes:
        feature: Which one, as in `Feature`.
        edges: Ascending; a bin reaches up to its edge and includes it. The first bin ends below the least value that
            was counted, the last begins above the largest.
        counts: Of values in each bin; one more than edges.

    Raises:
        InvalidManifest: the numbers are no such counts.
    """

    feature: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in pairwise(self.edges)) and all(map(isfinite, self.edges))
        if not ascending or len(self.counts) != len(self.edges) + 1 or min(self.counts) < 0 or not any(self.counts):
            raise InvalidManifest(f"the distribution of {self.feature} needs ascending edges, and a count for each bin")

    @classmethod
    def of(cls, feature: Feature, values: ArrayLike) -> "Distribution":
        """Count values, (n,), at least one of them finite; bins hold a tenth of them each where they are not tied."""
        known = np.asarray(values, dtype=np.float64)
        known = known[np.isfinite(known)]
        distinct = np.unique(known)
        low, high = float(distinct[0]), float(distinct[-1])
        tenths = np.unique(np.quantile(known, DECILES, method="inverted_cdf"))
        # Halfway to the next value, so that a value that is stored less exactly stays in its bin.
        inner = [(a + b) / 2 for a, b in pairwise(distinct.tolist()) if a in tenths]
        margin = MARGIN * (max(abs(low), abs(high)) or 1.0)
        edges = (low - margin, *inner, high + margin)
        return cls(feature.value, edges, tuple(_counts(known, edges).tolist()))

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Distribution":
        """
        Read what was written as JSON.

        Raises:
            InvalidManifest: the numbers are no such counts.
        """
        return cls(plain["feature"], tuple(map(float, plain["edges"])), tuple(map(int, plain["counts"])))

    def drift(self, values: ArrayLike) -> float:
        """
        How far other values, (n,), at least one, are from these: the PSI beyond what chance alone gives, at least 0.

        >>> Distribution.of(Feature.SPACING_Z, [1.0] * 100).drift([5.0] * 100) > 0.25
        True
        """
        before, now = np.asarray(self.counts), _counts(values, self.edges)
        p, q = _shares(before), _shares(now)
        chance = (len(p) - 1) * (1 / before.sum() + 1 / now.sum())
        return max(0.0, float(np.sum((q - p) * np.log(q / p)) - chance))


def ct_features(upright_spacing_mm: Triple) -> dict[Feature, float]:
    """What is compared of a CT with such spacing along z, y and x of LPS."""
    names = (Feature.SPACING_Z, Feature.SPACING_Y, Feature.SPACING_X)
    return {name: round(step, SPACING_DIGITS) for name, step in zip(names, upright_spacing_mm, strict=True)}


def node_features(measurements: NodeMeasurements) -> dict[Feature, float]:
    """What is compared of a node beside its probability."""
    return {
        Feature.MEAN_HU: measurements.mean_hu,
        Feature.SHORT_AXIS: measurements.short_axis_mm,
        Feature.VOLUME: measurements.volume_mm3,
    }


def _counts(values: ArrayLike, edges: Sequence[float]) -> NDArray[np.int64]:
    """Values in each bin, (edges + 1,)."""
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = (counts + PRIOR_COUNT) / (counts + PRIOR_COUNT).sum()
    return shares
