"""ROC analysis of nodes that come in patients."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from imaging.errors import OneClass
from imaging.roc import (
    RESAMPLE_COUNT,
    Estimate,
    auc,
    auc_difference,
    auc_with_interval,
    mean_with_interval,
    operating_point,
    rates_at,
    roc_points,
    specific_threshold,
)


def scored(seed, count, shift=1.0, per_patient=1):
    """Labels, scores and patients, the metastatic ones shifted."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    return labels, rng.normal(shift * labels), np.arange(count) // per_patient


@pytest.mark.parametrize("seed", range(5))
def test_the_auc_is_scikit_learns(seed):
    """Ties included."""
    labels, scores, _ = scored(seed, 60)

    assert roc_auc_score(labels, np.round(scores)) == pytest.approx(auc(labels, np.round(scores)))


def test_the_interval_is_that_of_resampled_patients():
    """Its ends are those of a plain loop that draws patients and asks scikit-learn."""
    labels, scores, patients = scored(1, 60, per_patient=3)
    rng = np.random.default_rng(0)
    areas = []
    for drawn in rng.multinomial(20, np.full(20, 1 / 20), RESAMPLE_COUNT):
        rows = np.repeat(np.arange(60), drawn[patients])
        areas.append(roc_auc_score(labels[rows], scores[rows]))

    estimate = auc_with_interval(labels, scores, patients)
    assert np.quantile(areas, [0.025, 0.975]) == pytest.approx([estimate.lower, estimate.upper])
    assert roc_auc_score(labels, scores) == pytest.approx(estimate.value)


def test_the_interval_holds_what_it_promises():
    """Of 200 samples from a known AUC, about 95 % have it in their interval."""
    truth = 0.7602  # Phi(1 / sqrt 2)
    estimates = [auc_with_interval(*scored(seed, 120)) for seed in range(200)]
    covered = sum(estimate.lower <= truth <= estimate.upper for estimate in estimates)

    assert 0.90 <= covered / 200 <= 0.985


def test_patients_are_the_unit():
    """Where nodes of a patient repeat each other, the interval is as wide as for the patients alone."""
    labels, scores, _ = scored(3, 80)
    alone = auc_with_interval(labels, scores, np.arange(80))
    repeated = auc_with_interval(np.repeat(labels, 4), np.repeat(scores, 4), np.repeat(np.arange(80), 4))

    assert repeated.upper - repeated.lower == pytest.approx(alone.upper - alone.lower, rel=0.01)


def test_a_difference_is_taken_in_pairs():
    """The same scores differ by exactly nothing; a better one is above by an interval without 0."""
    labels, scores, patients = scored(4, 200, shift=2.0)
    noise = np.random.default_rng(9).normal(size=200)

    assert Estimate(0.0, 0.0, 0.0) == auc_difference(labels, scores, 3 * scores + 1, patients)
    assert auc_difference(labels, scores, noise, patients).lower > 0


def test_the_interval_of_a_mean_holds_what_it_promises():
    """Of 200 samples in which nodes of a patient are alike, about 95 % have the true mean in their interval."""
    patients, estimates = np.repeat(np.arange(40), 3), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        estimates.append(mean_with_interval(3.0 + rng.normal(size=40)[patients] + rng.normal(size=120), patients))
    covered = sum(estimate.lower <= 3.0 <= estimate.upper for estimate in estimates)

    assert 0.90 <= covered / 200 <= 0.985


def test_patients_are_the_unit_of_a_mean():
    """A patient's nodes that repeat each other do not narrow its interval."""
    values = np.random.default_rng(5).normal(size=30)
    alone = mean_with_interval(values, np.arange(30))
    repeated = mean_with_interval(np.repeat(values, 5), np.repeat(np.arange(30), 5))

    assert values.mean() == pytest.approx(alone.value)
    assert (alone.lower, alone.upper) == pytest.approx((repeated.lower, repeated.upper))


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_is_scikit_learns(seed):
    """Its corners, from nobody to everybody, ties included; the area under them is the AUC."""
    labels, scores, _ = scored(seed, 60)
    points, expected = roc_points(labels, np.round(scores, 1)), roc_curve(labels, np.round(scores, 1))
    false, true = ([getattr(point, name) for point in points] for name in ("false_positive_rate", "true_positive_rate"))

    assert np.trapezoid(true, false) == pytest.approx(auc(labels, np.round(scores, 1)))
    assert set(zip(false, true, strict=True)) <= set(zip(expected[0].tolist(), expected[1].tolist(), strict=True))
    assert ((0.0, 0.0, None), (1.0, 1.0)) == ((false[0], true[0], points[0].threshold), (false[-1], true[-1]))
    assert (true[1], 1 - false[1]) == rates_at(labels, np.round(scores, 1), points[1].threshold)


def test_one_class_has_no_auc():
    """Without benign or without metastatic nodes there is an error, not a number."""
    for measure in (auc, roc_points):
        with pytest.raises(OneClass, match="needs benign and metastatic nodes"):
            measure([1, 1], [0.1, 0.2])


def test_the_operating_point_reaches_its_sensitivity():
    """It is the highest threshold that calls at least 90 % of the metastatic nodes."""
    labels = np.array([1] * 20 + [0] * 20)
    probabilities = np.linspace(0, 1, 40)[::-1]
    point = operating_point(labels, probabilities, "these")

    assert 0.9 == point.sensitivity
    assert (point.sensitivity, point.specificity) == rates_at(labels, probabilities, point.probability)
    assert rates_at(labels, probabilities, np.nextafter(point.probability, 1))[0] < 0.9
    assert 1.0 == operating_point(labels, probabilities, "these", wanted_sensitivity=1.0).sensitivity


def test_a_specific_threshold_reaches_its_specificity():
    """It is the lowest threshold above a benign node's probability that is right for 90 % of them."""
    labels, probabilities = np.array([1] * 20 + [0] * 20), np.linspace(0, 1, 40)
    threshold = specific_threshold(labels, probabilities)

    assert 0.9 == rates_at(labels, probabilities, threshold)[1]
    assert rates_at(labels, probabilities, np.nextafter(threshold, 0))[1] < 0.9
    assert 1.0 == rates_at(labels, probabilities, specific_threshold(labels, probabilities, 1.0))[1]
