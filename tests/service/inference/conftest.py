"""Fixtures of the engine's tests."""

import pytest

from tests.service.inference.graphs import obedient


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A model that does as its input tells it."""
    return obedient(tmp_path_factory.mktemp("obedient"))
