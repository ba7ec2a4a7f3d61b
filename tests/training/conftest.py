"""Fixtures of the training tests."""

from pathlib import Path

import pytest

from tests.training.cohorts import write_cohort
from tests.training.fitted import fit_run
from tests.training.reproduction.reproduced import Finished, reproduce


@pytest.fixture(scope="session")
def cohort_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of a cohort of twelve patients with one node each; not to be changed."""
    return write_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run; not to be changed, except by adding results."""
    return fit_run(tmp_path_factory.mktemp("fitted"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A small reproduction of the paper that is finished; not to be changed."""
    return reproduce(tmp_path_factory.mktemp("paper") / "out")
