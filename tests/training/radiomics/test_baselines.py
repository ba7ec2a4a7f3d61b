"""Classifiers of radiomic features."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from imaging.roc import auc
from training.cases import Case
from training.errors import InvalidCases
from training.radiomics.baselines import BASELINES, SHORT_AXIS, held_out_scores, out_of_fold_scores
from training.radiomics.features import CODES, NodeFeatures
from training.split import Split, patient_folds, split_at


def cohort_of(seed=0, patients=60, shift=0.0):
    """Features of random nodes, two for each patient; those of metastatic patients are shifted."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(patients) % 2, 2)
    names = [f"p{n}" for n in np.repeat(np.arange(patients), 2)]
    cases = tuple(Case(Path("ct"), Path("mask"), n, names[n], int(labels[n]), 0) for n in range(len(labels)))
    values = rng.normal(shift * labels[:, None], 1.0, (len(labels), len(CODES)))
    return (
        NodeFeatures(values, cases, np.arange(len(labels))),
        labels,
        names,
        patient_folds(cases, min(3, patients // 2), seed),
    )


@cache
def noise_scores(seed=0):
    """Scores of nodes whose features say nothing."""
    return out_of_fold_scores(*cohort_of(seed))


def test_features_that_say_nothing_predict_nothing():
    """On pure noise the mean AUC of three cohorts is one half, give or take three standard errors of 360 nodes."""
    _, labels, _, _ = cohort_of()

    for name in (SHORT_AXIS, *BASELINES):
        assert 0.5 == pytest.approx(np.mean([auc(labels, noise_scores(seed)[name]) for seed in range(3)]), abs=0.092)


def test_features_that_differ_are_learnt():
    """Where each feature is shifted by its standard deviation, radiomics are nearly perfect."""
    features, labels, patients, folds = cohort_of(shift=1.0)
    scores = out_of_fold_scores(features, labels, patients, folds)

    assert scores[SHORT_AXIS].tolist() == features.columns(["short_axis_mm"])[:, 0].tolist()
    assert all(auc(labels, scores[name]) > 0.9 for name in BASELINES if name.startswith("radiomics"))
    assert all(0 <= scores[name].min() <= scores[name].max() <= 1 for name in BASELINES)


def test_one_split_is_one_fold():
    """Training and validation parts are learnt from, as in cross-validation; the test part gets the same scores."""
    features, labels, patients, folds = cohort_of()
    split = split_at(features.cases, folds, 0)
    scores = held_out_scores(features, labels, patients, split)

    assert all(noise_scores()[name][list(split.test)].tolist() == scores[name].tolist() for name in scores)


def test_a_label_that_counts_for_nothing_teaches_nothing():
    """Where half of the labels are turned round but count for a millionth, classifiers learn from the other half."""
    features, labels, patients, folds = cohort_of(shift=1.0)
    turned = np.arange(len(labels)) % 8 < 4
    given = np.where(turned, 1 - labels, labels)
    weights = np.where(turned, 1e-6, 1.0)

    alike = out_of_fold_scores(features, given, patients, folds, names=["radiomics LR"])
    trusting = out_of_fold_scores(features, given, patients, folds, weights=weights, names=["radiomics LR"])

    assert ["radiomics LR"] == list(trusting)
    assert auc(labels, alike["radiomics LR"]) < 0.75 < 0.9 < auc(labels, trusting["radiomics LR"])


def test_a_fold_does_not_know_its_own_labels():
    """Other labels in a held-out fold leave its scores as they are, to the bit, and change those of other folds."""
    features, labels, patients, folds = cohort_of()
    changed = labels.copy()
    changed[list(folds[0])] = 1 - changed[list(folds[0])]
    own, other = (held_out_scores(features, changed, patients, split_at(features.cases, folds, n)) for n in (0, 1))

    for name in BASELINES:
        assert noise_scores()[name][list(folds[0])].tolist() == own[name].tolist()
        assert noise_scores()[name][list(folds[1])].tolist() != other[name].tolist()


def test_a_fold_does_not_scale_by_its_own_features():
    """A node's score depends on its own features and on those learnt from, not on its neighbours in the fold."""
    features, labels, patients, folds = cohort_of()
    first, *others = folds[0]
    values = features.values.copy()
    values[others] = 100 * values[others] + 7
    strange = NodeFeatures(values, features.cases, features.case_indices)
    scores = held_out_scores(strange, labels, patients, split_at(features.cases, folds, 0))

    assert all(noise_scores()[name][first] == pytest.approx(scores[name][0], abs=1e-12) for name in BASELINES)


def test_too_few_patients_are_refused():
    """Nothing can be chosen on patients of one class."""
    features, labels, patients, _ = cohort_of(patients=4)

    with pytest.raises(InvalidCases, match="too few patients of a class to fit the baselines"):
        held_out_scores(features, labels, patients, Split((0, 1, 2, 3), (), (4, 5, 6, 7)))
