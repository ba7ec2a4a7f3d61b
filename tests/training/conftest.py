"""Fixtures of the training tests."""

from pathlib import Path

import pytest

from tests.training.cohorts import write_cohort


@pytest.fixture(scope="session")
def cohort_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of a cohort of twelve patients with one node each; not to be changed."""
    return write_cohort(tmp_path_factory.mktemp("cohort"))
