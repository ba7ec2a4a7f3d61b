import pytest

from imaging.review import ReviewedNode, Verdict
from tests.imaging.reviews import review
from training.labels.lift import measured_lift
from training.labels.worklist import Item


def node(number):
    """The node of an item."""
    return ReviewedNode(number, "a" * 64, "b" * 64)


ITEMS = [Item(n, node(n), 0, ranked=n <= 8, control=n >= 8, rank=n, quality=n / 20) for n in range(1, 13)]
"""Twelve nodes labelled benign: 1 to 8 ranked, 8 to 12 controls."""


def answered(metastatic, benign=(), unsure=()):
    """Reviews of some items."""
    verdicts = [(Verdict.METASTATIC, metastatic), (Verdict.BENIGN, benign), (Verdict.UNSURE, unsure)]
    return [review(f"{n}", verdict, node=node(n)) for verdict, numbers in verdicts for n in numbers]


def test_the_lift_is_ranked_over_control():
    """Six of eight ranked, one of five controls: 3.75 times as many."""
    lift = measured_lift(ITEMS, answered(metastatic=[1, 2, 3, 4, 5, 8], benign=[6, 7, 9, 10, 11, 12]))

    assert (6, 8) == (lift.ranked.wrong, lift.ranked.answered)
    assert (1, 5) == (lift.control.wrong, lift.control.answered)
    assert lift.value == pytest.approx(0.75 / 0.2)


def test_intervals_are_wilson_s():
    """Six of eight: 0.409 to 0.929, as in the formula of 1927."""
    share = measured_lift(ITEMS, answered(metastatic=[1, 2, 3, 4, 5, 8], benign=[6, 7])).ranked.share

    z, n, p = 1.959964, 8, 0.75
    centre, half = (p + z**2 / (2 * n)) / (1 + z**2 / n), z * (p * 0.25 / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    assert (share.lower, share.upper) == pytest.approx((centre - half, centre + half), abs=1e-5)


def test_the_unsure_and_the_empty_do_not_count():
    """Only decided items are counted."""
    lift = measured_lift(ITEMS, answered(metastatic=[1], benign=[2], unsure=[3, 9]))

    assert (1, 2) == (lift.ranked.wrong, lift.ranked.answered)
    assert (0, None) == (lift.control.answered, lift.control.share)
    assert "0 of 0" == str(lift.control)


@pytest.mark.parametrize("metastatic", [[], [1, 2]])
def test_without_a_wrong_control_there_is_no_lift(metastatic):
    """It could be anything; no number is made up."""
    assert measured_lift(ITEMS, answered(metastatic, benign=[9, 10])).value is None
