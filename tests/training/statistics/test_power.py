"""How sure so many nodes can make anybody."""

import pytest

from training.statistics.power import hanley_variance, needed_node_count, power_of


def test_the_variance_is_that_of_the_paper():
    """Hanley and McNeil's own example: 51 abnormal and 58 normal images at an AUC of .893 have an error of .032."""
    assert hanley_variance(0.893, 51, 58) ** 0.5 == pytest.approx(0.032, abs=6e-4)


def test_as_many_nodes_as_are_needed_are_enough():
    """With the nodes that it asks for the half-width is just what was wanted."""
    power = power_of(0.8, 20, 41, design_effect=1.0)
    count = power.needed_node_count
    then = power_of(0.8, round(count * 20 / 61), count - round(count * 20 / 61), design_effect=1.0)

    assert then.half_width == pytest.approx(0.05, abs=2e-4)
    assert power.half_width > 0.05
    assert power.half_width == power.clustered_half_width


def test_patients_with_several_nodes_take_more_of_them():
    """A design effect of 2 needs about twice the nodes; one below 1 is not counted on."""
    doubled, lucky = power_of(0.8, 50, 50, design_effect=2.0), power_of(0.8, 50, 50, design_effect=0.5)

    assert doubled.clustered_needed_node_count == pytest.approx(2 * doubled.needed_node_count, rel=0.01)
    assert doubled.clustered_half_width == pytest.approx(2**0.5 * doubled.half_width)
    assert lucky.half_width == lucky.clustered_half_width


def test_a_perfect_network_still_needs_nodes():
    """An AUC of 1 or below chance is planned for as one that can be."""
    assert 0.95 == power_of(1.0, 10, 10, 1.0).planning_auc
    assert needed_node_count(0.5, 0.5, 0.05) == power_of(0.3, 10, 10, 1.0).needed_node_count
