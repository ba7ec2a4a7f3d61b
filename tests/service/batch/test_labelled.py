"""What probabilities are worth where labels are known."""

import json

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from service.batch.labelled import labelled_summary


def rows(count=60, patients=True, **changes):
    """Rows of a table of nodes: two of each patient, the metastatic ones with the higher probabilities on the whole."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, count)
    probabilities = 1 / (1 + np.exp(-rng.normal(2 * labels - 1)))
    return [
        {
            "case": f"c{n}",
            "patient": f"p{n // 2}" if patients else None,
            "label": int(label),
            "probability": float(probability),
            "operating_point": 0.3,
            "synthetic_model": True,
            "synthetic_data": False,
        }
        | changes
        for n, (label, probability) in enumerate(zip(labels, probabilities, strict=True))
    ]


def test_the_numbers_are_those_of_scikit_learn():
    """The AUC within its interval, and the Brier score."""
    plain = labelled_summary(rows())
    labels, probabilities = ([row[name] for row in rows()] for name in ("label", "probability"))

    assert roc_auc_score(labels, probabilities) == pytest.approx(plain["auc"]["value"])
    assert plain["auc"]["lower"] < plain["auc"]["value"] < plain["auc"]["upper"]
    assert brier_score_loss(labels, probabilities) == pytest.approx(plain["calibration"]["brier"]["value"])
    called = np.asarray(probabilities) >= 0.3
    assert called[np.asarray(labels) == 1].mean() == pytest.approx(plain["sensitivity"]["value"])
    assert (60, 30, False, True) == tuple(
        plain[name] for name in ("nodes", "patients", "patients_are_cases", "synthetic_model")
    )


def test_the_file_holds_plain_values():
    """The curve runs from nobody to everybody, and nothing in it is more than JSON can say."""
    plain = json.loads(json.dumps(labelled_summary(rows()), allow_nan=False))

    assert {"threshold": None, "false_positive_rate": 0.0, "true_positive_rate": 0.0} == plain["roc"][0]
    assert (1.0, 1.0) == (plain["roc"][-1]["false_positive_rate"], plain["roc"][-1]["true_positive_rate"])
    assert 60 == sum(each["node_count"] for each in plain["calibration"]["bins"])


def test_nodes_without_patient_or_label_are_told_or_left_out():
    """A case is a patient where nobody says whose it is; what is not labelled or not scored does not count."""
    more = [*rows(patients=False), *rows(4, label=None), *rows(4, probability=None)]
    plain = labelled_summary(more)

    assert (60, 60, True) == (plain["nodes"], plain["patients"], plain["patients_are_cases"])
    assert labelled_summary(rows(label=None)) is None


def test_one_class_has_no_auc_and_says_so():
    """The rest is told all the same."""
    plain = labelled_summary(rows(label=1))

    assert "an AUC needs benign and metastatic nodes" in plain["problem"]
    assert (60, False) == (plain["metastatic_nodes"], "auc" in plain)


def test_one_patient_of_a_kind_has_no_interval():
    """Resampling one patient would tell a spread of nothing."""
    few = [{**row, "label": n % 2, "patient": f"p{n}"} for n, row in enumerate(rows(3))]
    enough = [{**row, "label": n % 2, "patient": f"p{n}"} for n, row in enumerate(rows(4))]

    assert "too few labels: an AUC needs 2 patients with each kind of node" == labelled_summary(few)["problem"]
    assert "auc" in labelled_summary(enough)
