"""What can be said about a node without a network: by its short axis, its size and shape, or its radiomic features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.preprocessing import PowerTransformer
from sklearn.svm import SVC

from training.errors import InvalidCases
from training.radiomics.features import CODES, SIZE_AND_SHAPE, NodeFeatures
from training.split import Split

SHORT_AXIS = "short axis"
"""In mm, as it is: nothing is fitted. All other baselines give the probability that a node is metastatic."""

STRENGTHS = np.logspace(-3, 2, 6).tolist()
"""Inverse strengths of regularisation, C, of which one is chosen on folds of the patients that are learnt from."""

INNER_FOLD_COUNTS = (5, 4, 3, 2)
"""The first that gives each fold both classes is taken."""

TREE_COUNT = 300
LEAF_SIZE = 5

Folds = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class Baseline:
    """
    A classifier of some features.

    Attributes:
        columns: Names of the features.
        kind: ``LR``: logistic regression with an L2 penalty. ``RF``: random forest (Breiman 2001). ``SVM``: support
            vectors with a Gaussian kernel, made probabilities by Platt's scaling.
    """

    columns: tuple[str, ...]
    kind: str


BASELINES = {
    "size and shape LR": Baseline(SIZE_AND_SHAPE, "LR"),
    "radiomics LR": Baseline(tuple(CODES), "LR"),
    "radiomics RF": Baseline(tuple(CODES), "RF"),
    "radiomics SVM": Baseline(tuple(CODES), "SVM"),
}


def out_of_fold_scores(
    features: NodeFeatures, labels: ArrayLike, patients: ArrayLike, folds: Sequence[Sequence[int]], seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """
    Scores of every node, each by classifiers that never saw its patient.

    For each fold, they learn from all other folds: from the validation part of a network as well, as all that they
    choose they choose on folds of their own.

    Args:
        features: Of all nodes.
        labels: 1 metastatic, 0 benign, (nodes,).
        patients: Whose each node is, (nodes,).
        folds: Rows of the nodes; together all of them, no patient in two.
        seed: Of inner folds and forests.

    Returns:
        For each baseline, scores (nodes,); the higher, the more likely metastatic.

    Raises:
        InvalidCases: too few patients of a class to choose by.
    """
    known, owners = np.asarray(labels), np.asarray(patients)
    scores = {name: np.full(len(known), np.nan) for name in (SHORT_AXIS, *BASELINES)}
    for fold in folds:
        held_out = np.asarray(fold, dtype=np.int64)
        learnt = np.setdiff1d(np.concatenate([np.asarray(each, dtype=np.int64) for each in folds]), held_out)
        for name, found in _scores(features, known, owners, learnt, held_out, seed).items():
            scores[name][held_out] = found
    return scores


def held_out_scores(
    features: NodeFeatures, labels: ArrayLike, patients: ArrayLike, split: Split, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """
    Scores of the test part of one split, (test nodes,), learnt from its training and validation parts.

    Args:
        features: Of all nodes.
        labels: 1 metastatic, 0 benign, (nodes,).
        patients: Whose each node is, (nodes,).
        split: Rows of the nodes.
        seed: Of inner folds and forests.

    Raises:
        InvalidCases: too few patients of a class to choose by.
    """
    learnt = np.array(sorted(split.training + split.validation), dtype=np.int64)
    test = np.array(split.test, dtype=np.int64)
    return _scores(features, np.asarray(labels), np.asarray(patients), learnt, test, seed)


def _scores(
    features: NodeFeatures,
    labels: NDArray[np.generic],
    patients: NDArray[np.generic],
    learnt: NDArray[np.int64],
    asked: NDArray[np.int64],
    seed: int,
) -> dict[str, NDArray[np.float64]]:
    inner = _inner_folds(labels[learnt], patients[learnt], seed)
    scores = {SHORT_AXIS: features.columns(["short_axis_mm"])[asked, 0]}
    for name, baseline in BASELINES.items():
        columns = features.columns(baseline.columns)
        # Volumes and third moments have long tails: made normal (Yeo and Johnson 2000) as well as standardised.
        scaling = PowerTransformer().fit(columns[learnt])
        fitted = _fitted(baseline.kind, scaling.transform(columns[learnt]), labels[learnt], inner, seed)
        scores[name] = fitted.predict_proba(scaling.transform(columns[asked]))[:, 1]
    return scores


def _fitted(
    kind: str, values: NDArray[np.float64], labels: NDArray[np.generic], inner: Folds, seed: int
) -> ClassifierMixin:
    """A classifier that chose, and was calibrated, on inner folds alone."""
    if kind == "RF":
        return RandomForestClassifier(TREE_COUNT, min_samples_leaf=LEAF_SIZE, random_state=seed).fit(values, labels)
    classifier = LogisticRegression(solver="newton-cholesky") if kind == "LR" else SVC()
    search = GridSearchCV(classifier, {"C": STRENGTHS}, scoring="roc_auc", cv=inner).fit(values, labels)
    best = search.best_estimator_
    return best if kind == "LR" else CalibratedClassifierCV(best, cv=inner, ensemble=False).fit(values, labels)


def _inner_folds(labels: NDArray[np.generic], patients: NDArray[np.generic], seed: int) -> Folds:
    """Rows to learn from and to be asked about, in which no patient is in both and each has both classes."""
    for count in INNER_FOLD_COUNTS:
        if min(len(set(patients[labels == label].tolist())) for label in (0, 1)) >= count:
            splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
            folds: Folds = list(splitter.split(labels, labels, patients))
            if all(len(set(labels[part].tolist())) == 2 for pair in folds for part in pair):
                return folds
    raise InvalidCases("too few patients of a class to fit the baselines; they need two of each to learn from")
