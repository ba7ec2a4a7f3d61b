"""Shares of nodes that come in patients."""

import numpy as np
import pytest
from scipy.stats import binomtest

from imaging.proportion import proportion, rates_of


def test_independent_nodes_have_wilsons_interval():
    """Where each patient has one node it is SciPy's."""
    hits = np.arange(40) % 4 == 0
    found, wilson = proportion(hits, np.arange(40)), binomtest(10, 40).proportion_ci(method="wilson")

    assert 0.25 == found.value
    assert (wilson.low, wilson.high) == pytest.approx((found.lower, found.upper), rel=0.02)


def test_nodes_that_repeat_each_other_count_once():
    """Five copies of each node have the interval of one."""
    hits, patients = np.arange(40) % 4 == 0, np.arange(40)
    once, copies = proportion(hits, patients), proportion(np.repeat(hits, 5), np.repeat(patients, 5))

    assert (once.lower, once.upper) == pytest.approx((copies.lower, copies.upper))


def test_all_hits_are_not_certain():
    """Ten nodes of two patients, all hit, are worth two."""
    found, wilson = proportion([True] * 10, [0, 1] * 5), binomtest(2, 2).proportion_ci(method="wilson")

    assert (1.0, 1.0) == (found.value, found.upper)
    assert wilson.low == pytest.approx(found.lower)


def test_patients_who_agree_make_no_node_worth_more_than_one():
    """Where each patient has a hit and a miss the interval is that of independent nodes."""
    found, wilson = (
        proportion([True, False] * 10, np.repeat(np.arange(10), 2)),
        binomtest(10, 20).proportion_ci(method="wilson"),
    )

    assert (wilson.low, wilson.high) == pytest.approx((found.lower, found.upper))


def test_rates_are_those_of_the_calls():
    """Sensitivity is about metastatic nodes, specificity about benign ones."""
    rates = rates_of("here", [1, 1, 1, 1, 0, 0], [True, True, True, False, True, False], [1, 2, 3, 4, 5, 6])

    assert ("here", 0.75, 0.5) == (rates.point, rates.sensitivity.value, rates.specificity.value)
