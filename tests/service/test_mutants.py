"""Whatever a request has become, the server says what is wrong with it, and serves the next."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.service.mutants import ALLOWED, mutants
from tests.service.scans import request

SOME = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def expected(stub):
    """The probabilities of a good request."""
    return [node.probability for node in stub.Classify(request()).classification.nodes]


@SOME
@given(mutant=mutants())
def test_a_request_that_chance_changed_ends_with_a_defined_status(channel, stub, expected, mutant):
    """Never by an error that only a bug has; and the next good request gets the probabilities that it always gets."""
    assert mutant.status(channel) in ALLOWED
    assert expected == [node.probability for node in stub.Classify(request()).classification.nodes]
