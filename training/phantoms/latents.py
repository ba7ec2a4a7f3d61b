"""
What a phantom node is like, before anything is drawn: features whose distributions overlap between the classes.

Continuous features are standard normal in benign nodes and shifted in metastatic ones, so that the likelihood ratio,
and with it the ideal observer, is known exactly. The strengths are of the order that the literature reports for single
features; the phantoms are no model of a patient.
"""

from dataclasses import dataclass, fields
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

SHIFTS = {
    name: sqrt(2) * float(norm.ppf(auc))
    for name, auc in (
        ("size", 0.70),
        ("roundness", 0.65),
        ("irregularity", 0.68),
        ("enhancement", 0.66),
        ("heterogeneity", 0.78),
    )
}
"""How far metastatic nodes are shifted, in SDs: each feature alone then has the given AUC."""

SHARES = {"necrosis": (0.05, 0.20), "hilum": (0.35, 0.15)}
"""Shares of benign and of metastatic nodes that have a necrotic centre, or a fatty hilum."""

SAMPLE_COUNT = 200_000
"""Nodes drawn for the ideal observer's AUC; its standard error is below 0.001."""


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
        return float(np.clip(12.0 * exp(0.55 * self.heterogeneity), 2.0, 70.0))

    @property
    def log_likelihood_ratio(self) -> float:
        """What the ideal observer reads: the log of how much likelier the features are in a metastatic node."""
        total: float = sum(shift * getattr(self, name) - shift**2 / 2 for name, shift in SHIFTS.items())
        for name, (benign, metastatic) in SHARES.items():
            present = getattr(self, name)
            total += log(metastatic / benign) if present else log((1 - metastatic) / (1 - benign))
        return total


def draw_latents(rng: np.random.Generator, metastatic: bool) -> Latents:
    """The features of a node of a class."""
    scores = {name: float(rng.normal(shift * metastatic)) for name, shift in SHIFTS.items()}
    signs = {name: bool(rng.random() < shares[int(metastatic)]) for name, shares in SHARES.items()}
    return Latents(metastatic, **scores, **signs)  # type: ignore[arg-type]


def ideal_auc(seed: int = 0, sample_count: int = SAMPLE_COUNT) -> float:
    """AUC of the likelihood ratio, which no reader of the features can exceed (Green and Swets 1966)."""
    rng = np.random.default_rng(seed)
    labels: NDArray[np.bool_] = rng.random(sample_count) < 0.5
    total = np.zeros(sample_count)
    for shift in SHIFTS.values():
        total += shift * rng.normal(shift * labels) - shift**2 / 2
    for benign, metastatic in SHARES.values():
        present = rng.random(sample_count) < np.where(labels, metastatic, benign)
        total += np.where(present, log(metastatic / benign), log((1 - metastatic) / (1 - benign)))
    return float(roc_auc_score(labels, total))


COLUMNS = tuple(field.name for field in fields(Latents))
"""Of the table of latents."""
