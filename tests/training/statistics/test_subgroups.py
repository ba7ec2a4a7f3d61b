"""Whether a score is as good everywhere."""

import numpy as np
import pytest

from imaging.roc import auc
from tests.training.statistics.nodes import scored_nodes
from training.statistics.subgroups import size_tertiles, spacing_groups, subgroups


def test_each_group_is_measured_by_itself():
    """Counts, AUC and that of size are those of the group's nodes alone."""
    labels, scores, patients = scored_nodes(0, 40, per_patient=2)
    names = ["a" if n < 50 else "b" for n in range(80)]
    first, second = subgroups(labels, scores, -scores, patients, {"scanner": names})

    assert ("scanner", "a", 50, 25) == (first.kind, first.name, first.node_count, first.patient_count)
    assert labels[:50].sum() == first.metastatic_count
    assert auc(labels[:50], scores[:50]) == pytest.approx(first.auc.value)
    assert auc(labels[50:], -scores[50:]) == pytest.approx(second.size_auc.value)


def test_too_few_nodes_have_no_auc():
    """Four metastatic nodes are too few, five are enough."""
    scores, names = np.arange(29.0), ["few"] * 14 + ["some"] * 15
    labels = np.array([1] * 4 + [0] * 10 + [1] * 5 + [0] * 10)
    few, some = subgroups(labels, scores, scores, np.arange(29), {"site": names})

    assert few.auc is None
    assert few.size_auc is None
    assert some.auc is not None


def test_tertiles_are_thirds():
    """Nine nodes of different sizes make three groups of three, the small ones first."""
    names = size_tertiles(np.arange(1.0, 10.0))

    assert sorted(names) == names
    assert [3, 3, 3] == [names.count(name) for name in sorted(set(names))]


def test_slices_are_thin_or_thick():
    """A spacing that a header rounds stays in its group."""
    names = spacing_groups([0.5, 1.5000001, 2.0, 3.0, 5.0])

    assert ["1: up to 1.5 mm"] * 2 + ["2: 1.5 to 3.0 mm"] * 2 + ["3: above 3.0 mm"] == names
