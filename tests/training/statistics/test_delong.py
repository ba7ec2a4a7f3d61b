"""The variance of an AUC in closed form."""

import numpy as np
import pytest
from rocauc_comparison.delong import compute_ground_truth_statistics, delong_roc_variance, fastDeLong
from scipy.stats import norm

from imaging.roc import Estimate, auc, auc_with_interval
from tests.training.statistics.nodes import scored_nodes
from training.errors import InvalidCases
from training.statistics.delong import auc_difference_test, auc_interval, auc_variance, design_effect

PERFECT = ([0, 0, 0, 1, 1, 1], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])


@pytest.mark.parametrize("decimals", [8, 0])
@pytest.mark.parametrize("seed", range(5))
def test_the_variance_is_delongs(seed, decimals):
    """AUC and variance are those of an independent implementation, with and without ties."""
    labels, scores, _ = scored_nodes(seed, 60)
    scores = np.round(scores, decimals)
    area, variance = delong_roc_variance(labels, scores)

    assert area == pytest.approx(auc_interval(labels, scores).value)
    assert float(variance) == pytest.approx(auc_variance(labels, scores))


@pytest.mark.parametrize("seed", range(5))
def test_the_paired_test_is_delongs(seed):
    """Its p follows from the covariance of an independent implementation."""
    labels, scores, _ = scored_nodes(seed, 80)
    others = scores + np.random.default_rng(seed + 100).normal(size=80)
    order, metastatic_count = compute_ground_truth_statistics(labels)
    areas, covariance = fastDeLong(np.stack([scores, others])[:, order], metastatic_count)
    deviation = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])

    found = auc_difference_test(labels, scores, others)

    assert 2 * norm.sf(abs(areas[0] - areas[1]) / deviation) == pytest.approx(found.p)
    assert auc(labels, scores) - auc(labels, others) == pytest.approx(found.estimate.value)


def test_the_clustered_form_is_delongs_where_each_patient_has_one_node():
    """Nothing changes where there are no clusters."""
    labels, scores, patients = scored_nodes(1, 50)

    assert auc_variance(labels, scores) == pytest.approx(auc_variance(labels, scores, patients))
    assert 1.0 == pytest.approx(design_effect(labels, scores, patients))


def test_nodes_that_repeat_each_other_count_once():
    """Four copies of each node have the clustered variance of one, and a design effect of about four."""
    labels, scores, patients = scored_nodes(2, 200)
    copies = [np.repeat(each, 4) for each in (labels, scores, patients)]

    assert auc_variance(labels, scores) == pytest.approx(auc_variance(*copies), rel=1e-6)
    assert design_effect(*copies) == pytest.approx(4, rel=0.02)


def test_the_clustered_interval_agrees_with_resampled_patients():
    """Two ways to allow for patients who share much give about one width; DeLong's own is too narrow."""
    labels, scores, patients = scored_nodes(3, 120, per_patient=4, shared=0.7)
    resampled, clustered = auc_with_interval(labels, scores, patients), auc_interval(labels, scores, patients)
    alone = auc_interval(labels, scores)

    assert resampled.upper - resampled.lower == pytest.approx(clustered.upper - clustered.lower, rel=0.1)
    assert alone.upper - alone.lower < 0.75 * (clustered.upper - clustered.lower)


def test_the_interval_holds_what_it_promises():
    """Of 400 samples of patients with three nodes from a known AUC, about 95 % have it in their interval."""
    truth = 0.7602  # Phi(1 / sqrt 2)
    intervals = [auc_interval(*scored_nodes(seed, 60, per_patient=3, shared=0.5)) for seed in range(400)]

    assert 0.92 <= np.mean([each.lower <= truth <= each.upper for each in intervals]) <= 0.985


def test_a_perfect_order_is_not_certain():
    """Three pairs won in a row are a chance of one half cubed, nearly; ties do not hide that, nor does a reversal."""
    interval = auc_interval(*PERFECT)

    assert 1.0 == interval.value == interval.upper
    assert 0.025 == pytest.approx(interval.lower**3)
    assert 1 - interval.lower == pytest.approx(auc_interval(PERFECT[0], PERFECT[1][::-1]).upper)


def test_one_patient_of_a_class_tells_no_variance():
    """The interval is all there is, and p unknown, rather than a number out of nothing."""
    labels, scores, others, patients = [0, 0, 1, 1], [1.0, 3.0, 2.0, 4.0], [1.0, 2.0, 4.0, 3.0], [0, 1, 2, 2]

    assert np.inf == auc_variance(labels, scores, patients)
    assert Estimate(0.75, 0.0, 1.0) == auc_interval(labels, scores, patients)
    assert auc_difference_test(labels, scores, others, patients).p is None


def test_the_same_order_does_not_differ():
    """Scores on another scale differ by nothing, with p = 1; a constant gain has no variance and no p."""
    labels, scores, _ = scored_nodes(4, 40)
    same = auc_difference_test(labels, scores, 3 * scores + 1)
    constant = auc_difference_test(PERFECT[0], PERFECT[1], [0.0] * 6)

    assert (Estimate(0.0, 0.0, 0.0), 1.0) == (same.estimate, same.p)
    assert (Estimate(0.5, -1.0, 1.0), None) == (constant.estimate, constant.p)
    assert "p unknown" in str(constant)
    assert "p = 1.000" in str(same)


def test_a_class_must_not_be_missing():
    """Without benign or without metastatic nodes there is an error, not a number."""
    with pytest.raises(InvalidCases, match="needs benign and metastatic nodes"):
        auc_interval([1, 1], [0.1, 0.2])
