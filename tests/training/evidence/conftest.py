"""Fixtures of the tests of evidence."""

import pytest

from tests.training.evidence.holding import evidence_parts


@pytest.fixture(scope="package")
def parts(fitted):
    """Evidence of a finished run, its nodes, and what was made of them; not to be changed."""
    return evidence_parts(fitted)
