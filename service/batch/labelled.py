"""
What the probabilities of a cohort are worth where labels are known: ``roc.json``.

::

    research_use, synthetic_model, synthetic_data    as everywhere
    nodes, metastatic_nodes, patients                that were scored and have a label
    patients_are_cases    true where nobody says whose a case is: each case then is a patient of its own
    auc                   {value, lower, upper}, its 95 % interval of resampled patients
    operating_point       probability from which a node is called metastatic
    sensitivity, specificity    {value, lower, upper}, there
    roc[]                 {threshold, false_positive_rate, true_positive_rate}: a node whose probability is at least the
                          threshold is called metastatic; the first has no threshold (null) and calls none
    calibration           brier {value, lower, upper}, brier_of_share (of the share of metastatic nodes, given to each),
                          expected_error, expected_error_if_perfect, slope, intercept {value, lower, upper},
                          bins[] {node_count, mean_probability, metastatic_share {value, lower, upper}}
    problem               in place of all from auc on: why there is none
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.calibration import calibration_of
from imaging.proportion import rates_of
from imaging.roc import auc_with_interval, roc_points
from service.table import RESEARCH_USE

LEAST_PATIENTS = 2
"""Patients with benign nodes, and with metastatic ones, that an interval needs; resampling one tells no spread."""


def labelled_summary(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """
    The content of ``roc.json`` as plain values; None where no scored node has a label.

    Args:
        rows: Of ``nodes.csv``, as `service.batch.frame.node_rows` gives them.
    """
    known = [row for row in rows if row["label"] is not None and row["probability"] is not None]
    if not known:
        return None
    labels = np.array([row["label"] for row in known])
    patients = np.array([row["patient"] or f"case {row['case']}" for row in known])
    plain: dict[str, Any] = {
        "research_use": RESEARCH_USE,
        "synthetic_model": any(row["synthetic_model"] for row in known),
        "synthetic_data": any(row["synthetic_data"] for row in known),
        "nodes": len(known),
        "metastatic_nodes": int(labels.sum()),
        "patients": len(set(patients.tolist())),
        "patients_are_cases": not any(row["patient"] for row in known),
    }
    if len(set(labels.tolist())) < 2:
        return plain | {"problem": "all labels are the same: an AUC needs benign and metastatic nodes"}
    if min(len(set(patients[labels == label].tolist())) for label in (0, 1)) < LEAST_PATIENTS:
        return plain | {"problem": f"too few labels: an AUC needs {LEAST_PATIENTS} patients with each kind of node"}
    probabilities = np.array([row["probability"] for row in known])
    return plain | _measured(labels, probabilities, patients, known[0]["operating_point"])


def _measured(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], patients: NDArray[np.str_], point: float
) -> dict[str, Any]:
    rates = rates_of("operating point", labels, probabilities >= point, patients)
    return {
        "auc": asdict(auc_with_interval(labels, probabilities, patients)),
        "operating_point": point,
        "sensitivity": asdict(rates.sensitivity),
        "specificity": asdict(rates.specificity),
        "roc": [asdict(corner) for corner in roc_points(labels, probabilities)],
        "calibration": asdict(calibration_of(labels, probabilities, patients)),
    }
