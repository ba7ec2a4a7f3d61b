"""What may be known of a model, from scores whose reason is known too."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from imaging.calibration import calibration_of
from imaging.decision import Calibration
from imaging.roc import Estimate, auc_difference, auc_with_interval
from training.evidence.counterfactual import Answers, counterfactual
from training.release.facts import Audited, Baselines, Facts, Group, OutOfFold, Own, Shown

COUNT = 300
PATIENTS = np.array([f"p{n // 2}" for n in range(COUNT)])
LABELS = np.random.default_rng(1).integers(0, 2, COUNT)
SHORT_AXES_MM = 8 + 2 * LABELS + np.random.default_rng(2).normal(0, 2.5, COUNT)
"""A single feature of AUC .71, as published."""

SURE = Estimate(0.9, 0.85, 0.95)

OWN = Own(
    crossing_patients=0,
    crossing_duplicates=0,
    phantoms=0,
    auc=SURE,
    node_count=60,
    probability_difference=1e-7,
    heatmap_difference=1e-7,
    labels="ledger.jsonl@12",
)

SHOWN = Shown(
    empty_share=0.1,
    lift=Estimate(3.0, 2.5, 3.5),
    above_fresh=Estimate(2.0, 1.5, 2.5),
    above_elsewhere=Estimate(1.0, 0.8, 1.2),
    above_swapped=Estimate(0.8, 0.6, 1.0),
    guided=False,
)


def out_of_fold(logits: NDArray[np.float64]) -> OutOfFold:
    """What is found where these are the network's answers out of fold."""
    auc, size = (auc_with_interval(LABELS, each, PATIENTS) for each in (logits, SHORT_AXES_MM))
    calibration = calibration_of(LABELS, expit(logits), PATIENTS)
    return OutOfFold(
        node_count=COUNT,
        patient_count=len(set(PATIENTS.tolist())),
        auc=auc,
        short_axis_auc=size,
        size_auc=size,
        above_short_axis=auc_difference(LABELS, logits, SHORT_AXES_MM, PATIENTS),
        sensitivity=SURE,
        specificity=SURE,
        slope=calibration.slope,
        intercept=calibration.intercept,
        groups=(Group("slice spacing, thin", COUNT, auc), Group("scanner, rare", 4, None)),
        repeat_range=0.02,
        training_auc=0.97,
    )


def looking_at_the_node() -> NDArray[np.float64]:
    """Logits of a network that knows more than size."""
    return (LABELS - 0.5) * 4.0 + np.random.default_rng(3).normal(0, 2.0, COUNT)


def looking_at_size() -> NDArray[np.float64]:
    """Logits of a network that has only learnt to measure the node; a little noise apart, and well calibrated."""
    measured = SHORT_AXES_MM + np.random.default_rng(4).normal(0, 0.3, COUNT)
    return np.asarray(0.22 * (measured - 9.0), dtype=np.float64)


def shown_by(logits: NDArray[np.float64], node_share: float) -> Shown:
    """What painting nodes out shows of a network that owes such a share of its answers to the node."""
    other = np.roll(logits, 7)[:, None]
    answers = Answers(
        original=logits,
        removed=logits * (1 - node_share),
        elsewhere=logits * (0.5 + 0.5 * node_share),
        swapped=np.repeat(logits[:, None] * node_share + other * (1 - node_share), 2, axis=1),
    )
    found = counterfactual(answers, PATIENTS, Calibration(1.0, 0.0), 0.5)
    lift = Estimate(1.0 + 3 * node_share, 0.8 + 3 * node_share, 1.2 + 3 * node_share)
    return Shown(0.1, lift, lift, found.removed_above_elsewhere, found.removed_above_swapped, guided=False)


def facts(**changes: Any) -> Facts:
    """What is known of a model that nothing speaks against, with the given changes."""
    sound = Facts(
        own=OWN,
        out_of_fold=out_of_fold(looking_at_the_node()),
        control=Estimate(0.49, 0.45, 0.53),
        baselines=Baselines({"short axis": SURE, "radiomics LR": SURE}, "radiomics LR", Estimate(0.01, -0.02, 0.04)),
        shown=SHOWN,
        correlation=Estimate(0.7, 0.6, 0.8),
        audited=Audited(SURE, Estimate(0.05, 0.02, 0.1)),
    )
    return replace(sound, **changes)
