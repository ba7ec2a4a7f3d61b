"""A gate passes by the whole of its interval, and never without a measurement."""

import math

import pytest

from imaging.roc import Estimate
from training.release.verdict import above, around, at_least, at_most, below, near_one, near_zero

WIDE = Estimate(1.0, 0.4, 1.6)
NARROW = Estimate(1.0, 0.9, 1.1)


@pytest.mark.parametrize(
    ("ask", "passing", "failing"),
    [
        (lambda found: above("x", found, 0.5), NARROW, WIDE),
        (lambda found: below("x", found, 1.5), NARROW, WIDE),
        (lambda found: near_zero("x", found, 1.2), NARROW, WIDE),
        (lambda found: near_zero("x", found, 1.2), NARROW, Estimate(-1.0, -1.6, 0.4)),
        (lambda found: near_one("x", found, 2.0), NARROW, WIDE),
        (lambda found: near_one("x", found, 1.5), NARROW, WIDE),
        (lambda found: around("x", found, 1.05, 0.2), NARROW, WIDE),
        (lambda found: around("x", found, 1.2, 0.9), WIDE, NARROW),
        (lambda found: at_least("x", found, 1.0), WIDE, Estimate(0.99, 0.5, 1.5)),
    ],
)
def test_the_interval_decides(ask, passing, failing):
    """What reaches the threshold with its value alone fails, except where the value is asked for."""
    assert (True, "passed") == (ask(passing).passed, ask(passing).verdict)
    assert (False, "NOT PASSED") == (ask(failing).passed, ask(failing).verdict)


def test_an_interval_that_touches_the_bound_fails():
    """Better than chance means above it."""
    assert not above("x", Estimate(0.6, 0.5, 0.7), 0.5).passed
    assert not below("x", Estimate(0.1, 0.05, 0.15), 0.15).passed


@pytest.mark.parametrize("ask", [above, below, near_zero, near_one, at_least])
@pytest.mark.parametrize("found", [None, Estimate(math.nan, 0.6, 0.7), Estimate(0.6, 0.55, math.inf)])
def test_what_is_no_measurement_has_not_passed(ask, found):
    """Nothing, NaN and infinity are told as not measured, with the condition that stands."""
    gate = ask("x", found, 2.0, "do this")

    assert (False, "NOT MEASURED", "do this") == (gate.passed, gate.verdict, gate.note)
    assert gate.condition


def test_an_exact_value_may_equal_its_bound():
    """Of leaks there may be none; the ends of an exact value are the value."""
    gate = at_most("leaks", 0, 0)

    assert gate.passed
    assert (0, 0, 0) == (gate.value, gate.lower, gate.upper)
    assert not at_most("leaks", 1, 0).passed
    assert not at_most("leaks", None, 0).passed
