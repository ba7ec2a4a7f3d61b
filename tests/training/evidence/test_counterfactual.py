"""The answer comes from the node, or it does not."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.decision import Calibration
from imaging.spec import Aggregation
from tests.training.evidence.scenes import AT_MARK, AT_NODE, Bright, disc_crops, held_out
from training.evidence.counterfactual import Answers, answers_to, counterfactual
from training.evidence.repainted import DONOR_COUNT, repainted


@pytest.fixture(scope="module")
def nodes():
    """Forty nodes of twenty patients; every metastatic crop has a mark beside its node."""
    return held_out(disc_crops(40, marked=True))


@pytest.fixture(scope="module")
def painted(nodes):
    """The same with parts taken away."""
    return repainted(nodes)


def verdict(network, nodes, painted):
    """What the counterfactual says of a network."""
    answers = answers_to(network, painted, Aggregation.MEAN)
    return counterfactual(answers, nodes.patients, Calibration(), operating_point=0.5)


def test_a_network_that_looks_at_the_node_passes():
    """Without the node the logit falls to what nothing gives; on other backgrounds it hardly moves."""
    nodes = held_out(disc_crops(40))
    found = verdict(Bright(AT_NODE), nodes, repainted(nodes))

    assert found.from_node
    assert (40, 0) == (found.node_count, found.left_out_count)
    assert found.removed.lower > 20 * found.swapped.upper
    assert found.removed.lower > 20 * found.elsewhere.upper
    assert 1.0 == found.calls.overturned_by_removal.value
    assert 0.0 == found.calls.overturned_by_swap.value
    assert found.calls.share_of_drop.lower > 0.95


def test_a_network_that_looks_beside_the_node_fails(nodes, painted):
    """Its answer is the same without the node, and gone with the background, although it is always right."""
    found = verdict(Bright(AT_MARK), nodes, painted)

    assert not found.from_node
    assert 0.0 == found.removed.value
    assert found.removed_above_swapped.upper < 0
    assert 20 == found.calls.node_count
    assert 0.0 == found.calls.overturned_by_removal.value
    assert 1.0 == found.calls.overturned_by_swap.value
    assert 0.0 == found.calls.share_of_drop.value


def test_nodes_that_cannot_be_tested_are_left_out_and_counted(nodes, painted):
    """They enter no mean."""
    possible, donors = painted.possible.copy(), painted.donors.copy()
    possible[:4], donors[2:10] = False, -1
    answers = answers_to(Bright(AT_NODE), replace(painted, possible=possible, donors=donors), Aggregation.MEAN)
    all_answers = answers_to(Bright(AT_NODE), painted, Aggregation.MEAN)

    found = counterfactual(answers, nodes.patients, Calibration(), 0.5)

    assert (30, 10) == (found.node_count, found.left_out_count)
    assert np.abs(all_answers.removed - all_answers.original)[10:].mean() == pytest.approx(found.removed.value)


def test_numbers_are_those_of_the_logits():
    """Two patients: changes of 3 and 1 without the node, 0.5 elsewhere, 1 on other backgrounds; a call falls."""
    answers = Answers(
        original=np.array([2.0, 0.5]),
        removed=np.array([-1.0, 1.5]),
        elsewhere=np.array([1.5, 0.0]),
        swapped=np.array([[1.0] * DONOR_COUNT, [-0.5, 1.5] * (DONOR_COUNT // 2)]),
    )
    found = counterfactual(answers, np.array(["a", "b"]), Calibration(), 0.5)

    assert (2.0, 0.5, 1.0) == (found.removed.value, found.elsewhere.value, found.swapped.value)
    assert (1.5, 1.0) == (found.removed_above_elsewhere.value, found.removed_above_swapped.value)
    assert (0.5, 0.25) == (found.calls.overturned_by_removal.value, found.calls.overturned_by_swap.value)
    # The first falls by 3 without the node and by 1 elsewhere; the second falls neither way.
    assert 0.75 == found.calls.share_of_drop.value


def test_without_metastatic_calls_nothing_is_said_of_them(nodes, painted):
    """No call, no share."""
    answers = answers_to(Bright(AT_NODE), painted, Aggregation.MEAN)

    calls = counterfactual(answers, nodes.patients, Calibration(bias=-1000.0), 0.5).calls

    assert 0 == calls.node_count
    assert calls.overturned_by_removal is None
    assert calls.share_of_drop is None
