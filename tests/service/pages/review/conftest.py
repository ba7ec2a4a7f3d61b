"""Desks."""

import pytest

from service.pages.results import read_results
from service.pages.review.desk import Desk
from service.pages.review.item import items_of


@pytest.fixture(scope="session")
def results(scored):
    """What a batch left."""
    return read_results(scored)


@pytest.fixture
def ledger(tmp_path):
    """Where verdicts go."""
    return tmp_path / "reviews.jsonl"


@pytest.fixture
def desk(results, ledger):
    """A desk at which r1 works."""
    return Desk(items_of(results), "r1", ledger)
