"""Ways to hold a value to its threshold."""

import math

from imaging.manifest import Gate
from imaging.roc import Estimate


def above(name: str, estimate: Estimate | None, bound: float, note: str = "") -> Gate:
    """The whole interval must be above the bound."""
    return _gate(name, estimate, bound, estimate is not None and estimate.lower > bound, f"lower end > {bound:g}", note)


def below(name: str, estimate: Estimate | None, bound: float, note: str = "") -> Gate:
    """The whole interval must be below the bound."""
    return _gate(name, estimate, bound, estimate is not None and estimate.upper < bound, f"upper end < {bound:g}", note)


def near_zero(name: str, estimate: Estimate | None, bound: float, note: str = "") -> Gate:
    """The whole interval must lie closer to 0 than the bound."""
    passed = estimate is not None and -bound < estimate.lower and estimate.upper < bound
    return _gate(name, estimate, bound, passed, f"whole interval within ± {bound:g}", note)


def near_one(name: str, estimate: Estimate | None, factor: float, note: str = "") -> Gate:
    """The whole interval must lie within a factor of 1."""
    passed = estimate is not None and 1 / factor < estimate.lower and estimate.upper < factor
    return _gate(name, estimate, factor, passed, f"whole interval within {1 / factor:g} to {factor:g}", note)


def around(name: str, estimate: Estimate | None, centre: float, half_width: float, note: str = "") -> Gate:
    """The interval must have the centre in it, and be no wider than it may to tell."""
    passed = estimate is not None and (
        estimate.lower <= centre <= estimate.upper and estimate.upper - estimate.lower <= 2 * half_width
    )
    return _gate(name, estimate, centre, passed, f"interval contains {centre:g}, half-width ≤ {half_width:g}", note)


def at_least(name: str, estimate: Estimate | None, bound: float, note: str = "") -> Gate:
    """The value itself must reach the bound."""
    return _gate(name, estimate, bound, estimate is not None and estimate.value >= bound, f"value ≥ {bound:g}", note)


def at_most(name: str, value: float | None, bound: float, note: str = "") -> Gate:
    """An exact value must not exceed the bound."""
    exact = None if value is None else Estimate(value, value, value)
    return _gate(name, exact, bound, value is not None and value <= bound, f"≤ {bound:g}", note)


def _gate(name: str, estimate: Estimate | None, threshold: float, passed: bool, condition: str, note: str) -> Gate:
    """A value that is no number, or has an end that is none, was not measured."""
    if estimate is None or not all(map(math.isfinite, (estimate.value, estimate.lower, estimate.upper))):
        return Gate(name, None, None, None, threshold, False, condition, note)
    return Gate(name, estimate.value, estimate.lower, estimate.upper, threshold, passed, condition, note)
