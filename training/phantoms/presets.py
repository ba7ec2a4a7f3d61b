"""
How hard a cohort is: how far each feature of a node is shifted between the classes.

The strengths of ``literature`` are of the order published for single features of lymph nodes on CT: AUC of the short
axis .64 to .75, of the ratio of the axes .67, of enhancement .69, of an irregular margin .70, of heterogeneity .80. The
features are correlated a little, so that all of them together have an AUC of .90. Phantoms are no model of a patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FEATURES = ("size", "roundness", "irregularity", "enhancement", "heterogeneity")
"""Continuous ones, standard normal in benign nodes."""

SIGNS = ("necrosis", "hilum")
"""Present or absent."""

ALIKE = {"necrosis": (0.10, 0.10), "hilum": (0.25, 0.25)}
"""Signs that tell nothing."""


@dataclass(frozen=True, eq=False)
class Preset:
    """
    One position of the difficulty dial.

    Attributes:
        name: As asked for.
        aucs: What each feature alone is worth; features that are not named do not differ between the classes.
        correlation: Between any two features within a class, at least 0.
        shares: Of benign and of metastatic nodes that have each sign.
    """

    name: str
    aucs: Mapping[str, float]
    correlation: float
    shares: Mapping[str, tuple[float, float]]

    @cached_property
    def shifts(self) -> NDArray[np.float64]:
        """How far metastatic nodes are shifted, in SDs, (features,): each alone then has its AUC."""
        return np.asarray(sqrt(2) * ndtri([self.aucs.get(name, 0.5) for name in FEATURES]))

    @cached_property
    def correlations(self) -> NDArray[np.float64]:
        """The same matrix in both classes, (features, features)."""
        count = len(FEATURES)
        return np.full((count, count), self.correlation) + (1 - self.correlation) * np.eye(count)

    @cached_property
    def mixing(self) -> NDArray[np.float64]:
        """What makes independent deviations correlated, (features, features)."""
        return np.asarray(np.linalg.cholesky(self.correlations), dtype=np.float64)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Of the features in the ideal observer's sum, (features,): Fisher's discriminant, which is exact here."""
        return np.asarray(np.linalg.solve(self.correlations, self.shifts), dtype=np.float64)


LITERATURE = Preset(
    "literature",
    {"size": 0.70, "roundness": 0.67, "irregularity": 0.70, "enhancement": 0.69, "heterogeneity": 0.80},
    correlation=0.055,
    shares={"necrosis": (0.05, 0.20), "hilum": (0.35, 0.15)},
)

EASY = Preset(
    "easy",
    {"size": 0.80, "roundness": 0.75, "irregularity": 0.80, "enhancement": 0.80, "heterogeneity": 0.90},
    correlation=0.055,
    shares={"necrosis": (0.05, 0.30), "hilum": (0.45, 0.10)},
)

HARD = Preset(
    "hard",
    {"size": 0.60, "roundness": 0.57, "irregularity": 0.60, "enhancement": 0.60, "heterogeneity": 0.65},
    correlation=0.055,
    shares={"necrosis": (0.05, 0.10), "hilum": (0.30, 0.20)},
)

SIZE_ONLY = Preset("size-only", {"size": 0.85}, correlation=0.0, shares=ALIKE)
TEXTURE_ONLY = Preset("texture-only", {"heterogeneity": 0.85}, correlation=0.0, shares=ALIKE)

PRESETS = MappingProxyType({preset.name: preset for preset in (LITERATURE, EASY, HARD, SIZE_ONLY, TEXTURE_ONLY)})
