"""What can be said about a node without a network: by its short axis, its size and shape, or its radiomic features."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
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
    features: NodeFeatures,
    labels: ArrayLike,
    patients: ArrayLike,
    folds: Sequence[Sequence[int]],
    seed: int = 0,
    weights: ArrayLike | None = None,
    names: Collection[str] = (SHORT_AXIS, *BASELINES),
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
        weights: What each label counts where it is learnt from or chosen by, (nodes,), above 0; 1 if not given.
        names: Of the baselines that are asked.

    Returns:
        For each of them, scores (nodes,); the higher, the more likely metastatic.

    Raises:
        InvalidCases: too few patients of a class to choose by.
    """
    known, owners = np.asarray(labels), np.asarray(patients)
    counted = np.ones(len(known)) if weights is None else np.asarray(weights, dtype=np.float64)
    scores = {name: np.full(len(known), np.nan) for name in names}
    for fold in folds:
        held_out = np.asarray(fold, dtype=np.int64)
        learnt = np.setdiff1d(np.concatenate([np.asarray(each, dtype=np.int64) for each in folds]), held_out)
        for name, found in _scores(features, _Known(known, owners, counted), learnt, held_out, seed, names).items():
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
    known = _Known(np.asarray(labels), np.asarray(patients), np.ones(len(features.cases)))
    return _scores(features, known, learnt, test, seed, (SHORT_AXIS, *BASELINES))


class _Known(NamedTuple):
    """What is known of the nodes beside their features, each (nodes,)."""

    labels: NDArray[np.generic]
    patients: NDArray[np.generic]
    weights: NDArray[np.float64]

    def of(self, rows: NDArray[np.int64]) -> "_Known":
        """Of some nodes."""
        return _Known(self.labels[rows], self.patients[rows], self.weights[rows])


def _scores(
    features: NodeFeatures,
    known: _Known,
    learnt: NDArray[np.int64],
    asked: NDArray[np.int64],
    seed: int,
    names: Collection[str],
) -> dict[str, NDArray[np.float64]]:
    taught = known.of(learnt)
    inner = _inner_folds(taught.labels, taught.patients, seed)
    scores = {SHORT_AXIS: features.columns(["short_axis_mm"])[asked, 0]} if SHORT_AXIS in names else {}
    # Volumes and third moments have long tails: made normal (Yeo and Johnson 2000) as well as standardised.
    scaling = PowerTransformer().fit(features.values[learnt])
    scaled = replace(features, values=scaling.transform(features.values))
    for name, baseline in BASELINES.items():
        if name in names:
            values = scaled.columns(baseline.columns)
            fitted = _fitted(baseline.kind, values[learnt], taught, inner, seed)
            scores[name] = fitted.predict_proba(values[asked])[:, 1]
    return scores


def _fitted(kind: str, values: NDArray[np.float64], known: _Known, inner: Folds, seed: int) -> ClassifierMixin:
    """A classifier that chose, and was calibrated, on inner folds alone."""
    if kind == "RF":
        forest = RandomForestClassifier(TREE_COUNT, min_samples_leaf=LEAF_SIZE, random_state=seed)
        # Weights that are all 1 would still draw another forest than none.
        return forest.fit(values, known.labels, known.weights if (known.weights != 1).any() else None)
    best = _strongest(LogisticRegression(solver="newton-cholesky") if kind == "LR" else SVC(), values, known, inner)
    if kind == "LR":
        return best.fit(values, known.labels, known.weights)
    return CalibratedClassifierCV(best, cv=inner, ensemble=False).fit(values, known.labels, known.weights)


def _strongest(
    classifier: LogisticRegression | SVC, values: NDArray[np.float64], known: _Known, inner: Folds
) -> LogisticRegression | SVC:
    """The classifier, not fitted, of that strength whose mean AUC over the inner folds is the highest."""

    def worth(strength: float) -> float:
        own = clone(classifier).set_params(C=strength)
        aucs = []
        for learnt, asked in inner:
            own.fit(values[learnt], known.labels[learnt], known.weights[learnt])
            answers = own.decision_function(values[asked])
            aucs.append(roc_auc_score(known.labels[asked], answers, sample_weight=known.weights[asked]))
        return float(np.mean(aucs))

    return clone(classifier).set_params(C=max(STRENGTHS, key=worth))


def _inner_folds(labels: NDArray[np.generic], patients: NDArray[np.generic], seed: int) -> Folds:
    """Rows to learn from and to be asked about, in which no patient is in both and each has both classes."""
    for count in INNER_FOLD_COUNTS:
        if min(len(set(patients[labels == label].tolist())) for label in (0, 1)) >= count:
            splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
            folds: Folds = list(splitter.split(labels, labels, patients))
            if all(len(set(labels[part].tolist())) == 2 for pair in folds for part in pair):
                return folds
    raise InvalidCases("too few patients of a class to fit the baselines; they need two of each to learn from")
