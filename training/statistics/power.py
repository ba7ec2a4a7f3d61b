"""How sure so many nodes can make anybody, and how many more it would take."""

from dataclasses import dataclass

import numpy as np

from imaging.roc import Z

WANTED_HALF_WIDTH = 0.05
PLANNING_RANGE = (0.5, 0.95)
"""AUCs to plan with: below it is chance, and near 1 the formula promises too much."""

HIGHEST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Power:
    """
    What the number of nodes allows.

    Attributes:
        planning_auc: The AUC it is computed for.
        half_width: Of the AUC's 95 % interval at this number of nodes, if they were independent.
        design_effect: How many times larger the variance is because nodes come in patients; measured on these nodes.
        clustered_half_width: Half-width with the design effect, which counts as 1 where it is below.
        wanted_half_width: What one would like it to be.
        needed_node_count: Independent nodes for that, at the same share of metastatic ones.
        clustered_needed_node_count: Nodes for that, if they come in patients as these do.
    """

    planning_auc: float
    half_width: float
    design_effect: float
    clustered_half_width: float
    wanted_half_width: float
    needed_node_count: int
    clustered_needed_node_count: int


def power_of(auc: float, metastatic_count: int, benign_count: int, design_effect: float) -> Power:
    """What so many nodes allow, at an AUC like this."""
    planned = float(np.clip(auc, *PLANNING_RANGE))
    widening = max(1.0, design_effect)
    half_width = Z * float(np.sqrt(hanley_variance(planned, metastatic_count, benign_count)))
    share = metastatic_count / (metastatic_count + benign_count)
    return Power(
        planning_auc=planned,
        half_width=half_width,
        design_effect=design_effect,
        clustered_half_width=half_width * float(np.sqrt(widening)),
        wanted_half_width=WANTED_HALF_WIDTH,
        needed_node_count=needed_node_count(planned, share, WANTED_HALF_WIDTH),
        clustered_needed_node_count=needed_node_count(planned, share, WANTED_HALF_WIDTH / float(np.sqrt(widening))),
    )


def hanley_variance(auc: float, metastatic_count: float, benign_count: float) -> float:
    """
    Variance of an AUC from its value and the counts alone (Hanley and McNeil 1982, Radiology 143:29).

    >>> round(1.96 * hanley_variance(0.80, 30, 30) ** 0.5, 3)
    0.113
    """
    both_metastatic, both_benign = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (
        auc * (1 - auc)
        + (metastatic_count - 1) * (both_metastatic - auc**2)
        + (benign_count - 1) * (both_benign - auc**2)
    )
    return spread / (metastatic_count * benign_count)


def needed_node_count(auc: float, metastatic_share: float, half_width: float) -> int:
    """
    The fewest independent nodes whose AUC has a 95 % interval of at most this half-width.

    >>> needed_node_count(0.80, 0.5, 0.05)
    302
    """
    enough, too_few = HIGHEST_COUNT, 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        variance = hanley_variance(auc, metastatic_share * middle, (1 - metastatic_share) * middle)
        enough, too_few = (middle, too_few) if Z * np.sqrt(variance) <= half_width else (enough, middle)
    return enough
