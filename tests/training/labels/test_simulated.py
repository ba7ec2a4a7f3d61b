from dataclasses import replace

import pytest

from imaging.review import ReviewedNode, Verdict
from tests.training.labels.worklists import write_items
from training.cases import read_cohort
from training.errors import InvalidCases, InvalidOptions
from training.labels.simulated import SimulatedReader


@pytest.fixture(scope="module")
def truth(cohort_csv):
    """A table of true labels."""
    return read_cohort(cohort_csv)


@pytest.fixture
def items(truth, tmp_path):
    """A worklist on labels that are all wrong."""
    wrong = truth.with_labels([1 - case.label for case in truth.cases])
    return write_items(tmp_path / "audit", wrong, 8)


def test_a_reader_without_errors_tells_the_truth(truth, items):
    """The answers are the true labels, whatever the worklist's are."""
    answers = SimulatedReader(1.0, 0).answers(items, truth)

    assert [(item.number, 1 - item.label) for item in items] == [(a.item, a.verdict.label) for a in answers]


@pytest.mark.parametrize("label", [0, 1])
def test_a_reader_errs_at_the_stated_rate(label):
    """Of 2000 nodes of either class, nine in ten are called what they are."""
    reader = SimulatedReader(0.9, 0)
    said = [reader.verdict(ReviewedNode(n, "a", "b"), label) for n in range(1, 2001)]

    assert sum(verdict.label == label for verdict in said) / 2000 == pytest.approx(0.9, abs=0.02)
    assert Verdict.UNSURE not in said


def test_a_reader_errs_on_the_same_nodes_again(truth, items):
    """The same seed gives the same answers in any order; another seed is another reader."""
    reader = SimulatedReader(0.5, 0)

    assert set(reader.answers(items, truth)) == set(reader.answers(items[::-1], truth))
    assert reader.answers(items, truth) != SimulatedReader(0.5, 1).answers(items, truth)


def test_patients_are_read_by_people(truth, items):
    """On anything but phantoms a simulated reader refuses."""
    with pytest.raises(InvalidCases, match="only phantoms may be answered by a simulated reader"):
        SimulatedReader(1.0, 0).answers(items, replace(truth, synthetic=False))


def test_an_unknown_node_is_not_guessed(truth, items):
    """A truth that lacks a node is refused."""
    stranger = replace(items[0], node=ReviewedNode(9, "a", "b"))

    with pytest.raises(InvalidCases, match=f"does not hold item {stranger.number}"):
        SimulatedReader(1.0, 0).answers([stranger], truth)


def test_an_impossible_accuracy_is_refused():
    """It is a share."""
    with pytest.raises(InvalidOptions, match=r"accuracy must be from 0 to 1, got 1\.5"):
        SimulatedReader(1.5, 0)
