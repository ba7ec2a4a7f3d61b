"""Nodes with labels and scores, without images."""

import numpy as np
from numpy.typing import NDArray


def scored_nodes(
    seed: int, patient_count: int, per_patient: int = 1, shift: float = 1.0, shared: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """
    Labels, scores and patients, (nodes,).

    Args:
        seed: Of chance.
        patient_count: Patients, each of one class.
        per_patient: Nodes of each.
        shift: By how much metastatic nodes score higher.
        shared: Share of the scores' variance that nodes of a patient have in common.
    """
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(patient_count), per_patient)
    labels = (patients % 2).astype(np.int64)
    common, own = rng.normal(size=patient_count)[patients], rng.normal(size=len(patients))
    return labels, shift * labels + np.sqrt(shared) * common + np.sqrt(1 - shared) * own, patients
