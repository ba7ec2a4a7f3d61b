"""Labels without meaning: what cross-validation says where there is nothing to learn."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import t

from training.cases import Case, Cohort
from training.roc import CONFIDENCE, Estimate


def permuted(cohort: Cohort, seed: int) -> Cohort:
    """
    The same nodes with the labels of other patients.

    Nodes of one patient have labels that go together, so that labels change places by patient: the labels of a
    patient's nodes move, in their order, to a patient with as many nodes (Ojala and Garriga 2010, JMLR 11:1833; by
    groups that are exchangeable: Golland et al. 2005, COLT, LNCS 3559:501). Patients with a number of nodes that
    nobody shares have their labels laid in a row, patient after patient in a random order, and dealt out anew.

    Args:
        cohort: With its true labels.
        seed: Equal seeds make equal permutations.
    """
    rng = np.random.default_rng(seed)
    labels: dict[int, int] = {}
    for patients in _exchangeable(cohort.cases):
        row = [case.label for place in rng.permutation(len(patients)).tolist() for case in patients[place]]
        labels.update(zip((case.row for patient in patients for case in patient), row, strict=True))
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


def _exchangeable(cases: Sequence[Case]) -> Iterator[list[list[Case]]]:
    """The cases of each patient, in sets of patients that may change their labels with each other."""
    by_patient: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_patient[case.patient].append(case)
    by_count: dict[int, list[list[Case]]] = defaultdict(list)
    for nodes in by_patient.values():
        by_count[len(nodes)].append(nodes)
    shared = {count: patients for count, patients in sorted(by_count.items()) if len(patients) > 1}
    single = [patients[0] for _, patients in sorted(by_count.items()) if len(patients) == 1]
    if len(single) == 1 and shared:
        nearest = min(shared, key=lambda count: abs(count - len(single[0])))
        single += shared.pop(nearest)
    yield from shared.values()
    if single:
        yield single
