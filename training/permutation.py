"""Labels without meaning: what cross-validation says where there is nothing to learn."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy.stats import t

from imaging.roc import CONFIDENCE, Estimate
from training.cases import Case, Cohort
from training.errors import InvalidCases
from training.split import NAMES, patients_by_class

MOST_DRAWS = 1000
"""Permutations that are tried before a cohort is refused."""


def permuted(cohort: Cohort, seed: int, fewest_patients: int = 0) -> Cohort:
    """
    The same nodes with the labels of other patients.

    Nodes of one patient have labels that go together, so that labels change places by patient: the labels of a
    patient's nodes move, in a random order, to another patient (Ojala and Garriga 2010, JMLR 11:1833; by groups:
    Golland et al. 2005, COLT, LNCS 3559:501). Whoever has more nodes gets them from the start again, whoever has fewer
    gets some of them at random. So about as many nodes are metastatic as before; but a class may lose patients, and a
    permutation that leaves a class too few is drawn again.

    Patients change places whatever their number of nodes. Among those with as many nodes alone, labels would go on
    telling that number, which CTs may show: controls of a logistic regression that saw it, where nothing leaked, had .5
    in 43 % of their 95 % intervals, and have it in 94 % as it is now (`tests.bench.control`).

    Args:
        cohort: With its true labels.
        seed: Equal seeds make equal permutations.
        fewest_patients: That each class must have: as many as there are parts to cross-validate.

    Raises:
        InvalidCases: no permutation has them.
    """
    rng = np.random.default_rng(seed)
    for _ in range(MOST_DRAWS):
        drawn = _drawn(cohort, rng)
        if min(patients_by_class(drawn.cases)) >= fewest_patients:
            return drawn
    raise InvalidCases(
        f"no permutation of the labels leaves {fewest_patients} parts {NAMES[0]} and {NAMES[1]} patients each; use "
        "fewer --folds"
    )


def _drawn(cohort: Cohort, rng: np.random.Generator) -> Cohort:
    """One permutation."""
    patients = _by_patient(cohort.cases)
    labels: dict[int, int] = {}
    for nodes, place in zip(patients, rng.permutation(len(patients)).tolist(), strict=True):
        theirs = rng.permutation([case.label for case in patients[place]])
        labels.update(zip((case.row for case in nodes), np.resize(theirs, len(nodes)).tolist(), strict=True))
    return cohort.with_labels([labels[case.row] for case in cohort.cases])


def permutation_p_value(observed: float, of_permuted: Sequence[float]) -> float:
    """
    The chance of a value as high as the observed one where there is nothing to learn.

    The observed one counts as a permutation, too: it is never 0 (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol.
    9:39).

    >>> permutation_p_value(0.8, [0.4, 0.5, 0.6])
    0.25
    """
    return (1 + sum(value >= observed for value in of_permuted)) / (1 + len(of_permuted))


def mean_of_runs(values: Sequence[float]) -> Estimate:
    """The mean of at least two independent AUCs, with its 95 % interval by Student's t, as far as it lies in 0 to 1."""
    mean = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / len(values) ** 0.5
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Estimate(mean, max(mean - half, 0.0), min(mean + half, 1.0))


def _by_patient(cases: Sequence[Case]) -> list[list[Case]]:
    """The cases of each patient."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        found[case.patient].append(case)
    return list(found.values())
