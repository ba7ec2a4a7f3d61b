"""What a phantom node is like, before anything is drawn: features whose distributions overlap between the classes."""

from dataclasses import dataclass
from math import exp

import numpy as np

from training.phantoms.presets import FEATURES, SIGNS, Preset


@dataclass(frozen=True, slots=True)
class Latents:
    """
    The features of one node.

    Attributes:
        metastatic: Its class.
        size: z-score, larger is larger.
        roundness: z-score of short over long axis.
        irregularity: z-score of the margin's roughness.
        enhancement: z-score of the mean density.
        heterogeneity: z-score of the texture's strength.
        necrosis: Whether the centre has low density.
        hilum: Whether it has a fatty hilum.
    """

    metastatic: bool
    size: float
    roundness: float
    irregularity: float
    enhancement: float
    heterogeneity: float
    necrosis: bool
    hilum: bool

    @property
    def short_axis_mm(self) -> float:
        """Short axis, log-normal around 8.5 mm, from 5 to 18 mm."""
        return float(np.clip(8.5 * exp(0.25 * self.size), 5.0, 18.0))

    @property
    def long_axis_mm(self) -> float:
        """Long axis; the ratio of the axes lies between 0.45 and 1."""
        return self.short_axis_mm / float(np.clip(0.68 + 0.12 * self.roundness, 0.45, 1.0))

    @property
    def roughness(self) -> float:
        """SD of the margin's distance from an ellipsoid, as a share of it."""
        return float(np.clip(0.05 * exp(0.5 * self.irregularity), 0.01, 0.2))

    @property
    def mean_hu(self) -> float:
        """Mean density in the portal venous phase."""
        return float(np.clip(80.0 + 16.0 * self.enhancement, 30.0, 150.0))

    @property
    def texture_hu(self) -> float:
        """SD of the texture."""
        return float(np.clip(16.0 * exp(0.55 * self.heterogeneity), 3.0, 90.0))


def draw_latents(rng: np.random.Generator, metastatic: bool, preset: Preset) -> Latents:
    """
    The features of a node of a class.

    Generators in the same state draw twins: a benign node and what it would be like if it were metastatic.
    """
    deviations = preset.mixing @ rng.normal(size=len(FEATURES))
    scores = dict(zip(FEATURES, (deviations + preset.shifts * metastatic).tolist(), strict=True))
    signs = {name: bool(rng.random() < preset.shares[name][int(metastatic)]) for name in SIGNS}
    return Latents(metastatic, **scores, **signs)
