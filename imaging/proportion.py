"""Shares of nodes that come in patients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.roc import Estimate, Z


@dataclass(frozen=True, slots=True)
class Rates:
    """
    How often calls at one operating point are right.

    Attributes:
        point: Its name.
        sensitivity: Share of the metastatic nodes that are called so.
        specificity: Share of the benign nodes that are called so.
    """

    point: str
    sensitivity: Estimate
    specificity: Estimate


def rates_of(point: str, labels: ArrayLike, calls: ArrayLike, patients: ArrayLike) -> Rates:
    """Sensitivity and specificity of calls, (nodes,); True calls a node metastatic."""
    metastatic, called, owners = np.asarray(labels).astype(bool), np.asarray(calls), np.asarray(patients)
    return Rates(
        point=point,
        sensitivity=proportion(called[metastatic], owners[metastatic]),
        specificity=proportion(~called[~metastatic], owners[~metastatic]),
    )


def proportion(hits: ArrayLike, patients: ArrayLike) -> Estimate:
    """
    A share of nodes with Wilson's interval (1927), for as many independent nodes as these are worth.

    Nodes of one patient are no independent cases: their number is divided by the design effect (Rao and Scott 1992,
    Biometrics 48:577), that of the clustered variance, which is at least 1. Where all nodes are hit or all missed
    nothing tells the effect, and each patient counts once.

    Args:
        hits: Whether each node is hit, (nodes,); at least one.
        patients: Whose the nodes are, (nodes,).
    """
    hit = np.asarray(hits, dtype=np.float64)
    share, count = float(hit.mean()), _independent_count(hit, np.asarray(patients))
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    reach = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return Estimate(share, max(0.0, float(centre - reach)), min(1.0, float(centre + reach)))


def _independent_count(hit: NDArray[np.float64], patients: NDArray[np.generic]) -> float:
    """How many independent nodes these are worth; never more than there are, never fewer than one."""
    _, owners = np.unique(patients, return_inverse=True)
    clusters, share = int(owners.max()) + 1, hit.mean()
    if share in (0.0, 1.0) or clusters < 2:
        return float(clusters)
    deviations = np.bincount(owners, hit - share)
    variance = clusters / (clusters - 1) * float((deviations**2).sum()) / len(hit) ** 2
    return float(np.clip(share * (1 - share) / max(variance, 1e-12), 1.0, len(hit)))
