"""What failed is left alone for longer each time."""

import random

import pytest
from prometheus_client import Gauge

from service.pacs.backoff import Backoff, Side
from service.pacs.faults import ArchiveAway


@pytest.fixture
def up():
    """A gauge of no registry."""
    return Gauge("up", "Whether it answered.", registry=None)


def test_waits_double_up_to_a_bound_with_chance_in_them():
    """Each wait is between half of its bound and the bound."""
    random.seed(0)
    backoff = Backoff(1.0, 8.0)
    for failures, bound_s in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (5000, 8.0)):
        waits = [backoff.wait_s(failures) for _ in range(50)]

        assert bound_s / 2 <= min(waits) < max(waits) <= bound_s


def test_what_the_other_side_asked_for_is_granted():
    """A wait is never shorter than that, even beyond the bound."""
    assert 20.0 == Backoff(1.0, 8.0).wait_s(1, at_least_s=20.0)


def test_a_side_that_is_away_is_left_alone(up):
    """It is not ready until its wait is over; metrics know."""
    side = Side("archive", Backoff(1000.0, 1000.0), up)
    assert side.ready

    side.missed(ArchiveAway("no answer"))

    assert not side.ready
    assert 0 == up.collect()[0].samples[0].value


def test_a_side_that_answers_is_ready_again(up):
    """One answer ends the wait."""
    side = Side("archive", Backoff(1000.0, 1000.0), up)
    side.missed(ArchiveAway("no answer"))

    side.answered()

    assert side.ready
    assert side.silent_s < 1000
    assert 1 == up.collect()[0].samples[0].value
