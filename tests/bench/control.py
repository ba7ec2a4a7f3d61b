"""
How often .5 lies in the 95 % interval of a control where nothing leaks: what `training.permutation` is held to.

``python -m tests.bench.control`` makes cohorts without files whose patients with many nodes are mostly benign, and
controls a logistic regression in them: once on noise, once on noise and the patient's number of nodes, which CTs may
show.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from imaging.roc import Estimate, auc
from training.cases import Case, Cohort
from training.control import CHANCE
from training.permutation import mean_of_runs, permuted
from training.split import patient_folds, split_at

PATIENTS, MOST_NODES = 60, 7
MANY_NODES, METASTATIC_OF_MANY, METASTATIC_OF_FEW = 3, 0.25, 0.6
OF_PATIENT = 0.8
"""Share of nodes that have the label of their patient."""

FEATURES, FOLDS = 4, 5


def made_cohort(rng: np.random.Generator) -> Cohort:
    """Patients with one to seven nodes, without files."""
    cases = []
    for patient in range(PATIENTS):
        count = int(min(rng.geometric(0.5), MOST_NODES))
        chance = METASTATIC_OF_MANY if count >= MANY_NODES else METASTATIC_OF_FEW
        whole = rng.random() < chance
        for node in range(count):
            label = int(whole if rng.random() < OF_PATIENT else rng.random() < chance)
            cases.append(Case(Path("ct"), Path("mask"), node + 1, f"p{patient}", label, len(cases) + 2))
    return Cohort(Path("cases.csv"), tuple(cases), True, defaultdict(str), "")


def made_features(cohort: Cohort, counts_shown: bool, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise of nodes and of patients, (nodes, features), and perhaps the number of nodes, not quite exactly."""
    _, owners = np.unique([case.patient for case in cohort.cases], return_inverse=True)
    noise = rng.normal(size=(len(owners), FEATURES)) + rng.normal(size=(PATIENTS, FEATURES))[owners]
    counts = np.bincount(owners)[owners] + rng.normal(0, 0.5, len(owners))
    return np.column_stack([noise, counts]) if counts_shown else noise


def controlled(cohort: Cohort, features: NDArray[np.float64], runs: int, rng: np.random.Generator) -> Estimate:
    """The mean AUC of test parts over permutations, as `control` counts it."""
    aucs = []
    for _ in range(runs):
        cases = permuted(cohort, int(rng.integers(2**31)), FOLDS).cases
        labels, folds = np.array([case.label for case in cases]), patient_folds(cases, FOLDS, 0)
        areas = []
        for fold in range(FOLDS):
            split = split_at(cases, folds, fold)
            learnt, test = list(split.training), list(split.test)
            fitted = LogisticRegression().fit(features[learnt], labels[learnt])
            areas.append(auc(labels[test], fitted.decision_function(features[test])))
        aucs.append(mean(areas))
    return mean_of_runs(aucs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.control", description="Coverage of a control")
    parser.add_argument("--controls", type=int, default=300, metavar="N", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=4, metavar="K", help="permutations in each; default: %(default)s")
    args = parser.parse_args()
    for name, counts_shown in (("noise", False), ("noise and the number of nodes", True)):
        rng = np.random.default_rng(1)
        found: list[Estimate] = []
        for _ in range(args.controls):
            cohort = made_cohort(rng)
            found.append(controlled(cohort, made_features(cohort, counts_shown, rng), args.runs, rng))
        covered = mean(each.lower <= CHANCE <= each.upper for each in found)
        sys.stdout.write(
            f"{name}: .5 in {covered:.0%} of {len(found)} intervals, mean {mean(e.value for e in found):.3f}\n"
        )


if __name__ == "__main__":
    main()
