"""When to come back."""

import pytest

from service.admission.pace import LONGEST_S, SHORTEST_S, Pace


def pace_of(*seconds):
    """A pace that has seen these service times."""
    pace = Pace()
    for each in seconds:
        pace.add(each)
    return pace


def test_the_delay_is_the_work_ahead():
    """Eight requests of 2 s, two at a time, take 8 s."""
    assert pytest.approx(8.0) == pace_of(2.0, 2.0).delay_s(ahead_count=8, concurrent_count=2)


def test_recent_times_count_more():
    """Twenty fast requests make a slow start forgotten."""
    assert pace_of(10.0, *[1.0] * 20).delay_s(1, 1) < 1.2


@pytest.mark.parametrize(("pace", "ahead_count", "delay_s"), [(pace_of(1e-6), 1, SHORTEST_S), (Pace(), 999, LONGEST_S)])
def test_the_delay_has_bounds(pace, ahead_count, delay_s):
    """Nobody is told to come back at once, or in an hour; also where no time is known yet."""
    assert delay_s == pace.delay_s(ahead_count, 1)
