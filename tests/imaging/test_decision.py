"""From slice logits to a calibrated probability and a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.decision import Calibration, Call, OperatingPoint, call_at, node_logit
from imaging.errors import InvalidManifest
from imaging.spec import Aggregation


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.01, 10.0), st.floats(-5, 5))
def test_a_larger_logit_never_has_the_smaller_probability(a, b, scale, bias):
    """Calibration keeps the order of nodes, and stays in [0, 1] for any logit."""
    low, high = sorted([a, b])
    calibration = Calibration(scale, bias)

    assert 0.0 <= calibration.probability(low) <= calibration.probability(high) <= 1.0


def test_calibration_is_a_line_through_the_logit():
    """Scale 0.5 and bias 1 take the logit -2 to one half."""
    assert 0.5 == Calibration(0.5, 1.0).probability(-2.0)


@pytest.mark.parametrize("wrong", [{"scale": 0.0}, {"scale": -1.0}, {"scale": float("nan")}, {"bias": float("inf")}])
def test_a_calibration_that_turns_the_order_round_is_refused(wrong):
    """Scale must be above 0 and both numbers finite."""
    with pytest.raises(InvalidManifest, match="calibration"):
        Calibration(**wrong)


def test_rules_of_aggregation():
    """A node's logit is the mean or the largest of its slices'."""
    assert 1.0 == node_logit([0.0, 1.0, 2.0], Aggregation.MEAN)
    assert 2.0 == node_logit([0.0, 1.0, 2.0], Aggregation.MAX)


def test_the_operating_point_itself_is_metastatic():
    """At or above the operating point a node is called metastatic."""
    assert [Call.BENIGN, Call.METASTATIC] == [call_at(0.4, p) for p in (0.3999, 0.4)]


def test_an_operating_point_is_a_probability():
    """Above 1 there is nothing to call."""
    with pytest.raises(InvalidManifest, match="operating point"):
        OperatingPoint(1.2, 0.9, 0.5, "validation")
