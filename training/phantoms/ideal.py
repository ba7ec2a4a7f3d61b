"""
The ideal observer, who knows how the features are distributed and whom no reader of them can beat.

It reads the likelihood ratio (Green and Swets 1966), which has a closed form here: within a class the continuous
features are multivariate normal with one covariance for both, and the signs are independent of them.
"""

from collections.abc import Iterator
from itertools import product
from math import log, prod, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from training.phantoms.latents import Latents
from training.phantoms.presets import FEATURES, SIGNS, Preset


def log_likelihood_ratio(latents: Latents, preset: Preset) -> float:
    """The log of how much likelier the features are in a metastatic node than in a benign one."""
    scores = np.array([getattr(latents, name) for name in FEATURES])
    continuous = float(preset.weights @ (scores - preset.shifts / 2))
    return continuous + sum(_evidence(preset.shares[name], getattr(latents, name)) for name in SIGNS)


def ideal_auc(preset: Preset) -> float:
    """AUC of the likelihood ratio: that of two normals, summed over what signs a node of each class may have."""
    distance = float(preset.weights @ preset.shifts)
    outcomes = tuple(_outcomes(preset))
    return sum(
        there * here * float(ndtr((distance + above - below) / sqrt(2 * distance)))
        for _, there, above in outcomes
        for here, _, below in outcomes
    )


def sampled_ratios(preset: Preset, count: int, seed: int = 0) -> NDArray[np.float64]:
    """Log likelihood ratios of so many nodes, half of them metastatic, (nodes,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    distance = float(preset.weights @ preset.shifts)
    ratios: NDArray[np.float64] = rng.normal((labels - 0.5) * distance, sqrt(distance))
    for shares in preset.shares.values():
        present = rng.random(count) < np.take(shares, labels)
        ratios += np.where(present, _evidence(shares, True), _evidence(shares, False))
    return ratios


def _outcomes(preset: Preset) -> Iterator[tuple[float, float, float]]:
    """Each combination of signs: its share of benign and of metastatic nodes, and the log of the latter's ratio."""
    for present in product((False, True), repeat=len(SIGNS)):
        of_benign, of_metastatic = (
            prod(preset.shares[name][label] if sign else 1 - preset.shares[name][label] for name, sign in pairs)
            for label, pairs in ((label, tuple(zip(SIGNS, present, strict=True))) for label in (0, 1))
        )
        yield of_benign, of_metastatic, log(of_metastatic / of_benign)


def _evidence(shares: tuple[float, float], present: bool) -> float:
    benign, metastatic = shares
    return log(metastatic / benign) if present else log((1 - metastatic) / (1 - benign))
