"""Made-up cohorts with wrong labels, and auditors whose answers have a known strength."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.cases import Case, Cohort
from training.labels.auditors import Auditor, Panel

NODES_OF_A_PATIENT = 2
FLIP = 0.2


def panel_of(
    scores: dict[str, NDArray[np.float64]], labels: NDArray[np.int64], probabilities: dict[str, NDArray[np.float64]]
) -> Panel:
    """Nodes without files, two of each patient."""
    cases = tuple(
        Case(Path(f"ct-{n}"), Path(f"mask-{n}"), 1, f"p{n // NODES_OF_A_PATIENT}", int(label), n + 2)
        for n, label in enumerate(labels)
    )
    auditors = tuple(Auditor(name, scores[name], probabilities[name]) for name in scores)
    return Panel(cases, auditors, 0)


def noisy_panel(
    count: int = 400, flip: float = 0.2, shift: float = 1.8, seed: int = 0
) -> tuple[Panel, NDArray[np.bool_]]:
    """
    Two auditors of nodes of which a fifth is labelled wrong, and which these are.

    Each sees its own shifted normal feature, and answers the probability of the label that it follows from it: as a
    network does that learnt from labels as wrong as these.
    """
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(count) % 2)
    flipped = rng.permutation(count) < round(FLIP * count)
    scores = {name: shift * rng.normal(shift * (truth - 0.5)) for name in ("one", "other")}
    probabilities = {name: FLIP + (1 - 2 * FLIP) / (1 + np.exp(-each)) for name, each in scores.items()}
    return panel_of(scores, np.where(flipped, 1 - truth, truth).astype(np.int64), probabilities), flipped


def random_panel(count: int = 200) -> Panel:
    """Two auditors who know nothing."""
    rng = np.random.default_rng(0)
    scores = {name: rng.normal(size=count) for name in ("one", "other")}
    probabilities = {name: 1 / (1 + np.exp(-each)) for name, each in scores.items()}
    return panel_of(scores, rng.permutation(np.arange(count) % 2), probabilities)


def write_predictions(path: Path, cohort: Cohort, **scores: NDArray[np.float64]) -> Path:
    """Write a table of predictions with a column for each score."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "image", "node", "label", *scores])
        for n, case in enumerate(cohort.cases):
            cells = [repr(float(each[n])) for each in scores.values()]
            writer.writerow([case.patient, case.image.name, case.node, case.label, *cells])
    return path
