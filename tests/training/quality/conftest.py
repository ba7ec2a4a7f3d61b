"""Fixtures of the tests of the data check."""

from pathlib import Path

import pytest

from training.phantoms.cohort import write_cohort
from training.phantoms.defects import inject_defects
from training.quality.verdict import Verdict, judge


@pytest.fixture(scope="session")
def spoilt_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of a phantom cohort in which each kind of defect strikes one patient; not to be changed."""
    folder = tmp_path_factory.mktemp("spoilt") / "cohort"
    write_cohort(folder, 32, 3)
    inject_defects(folder, 28 / 32, 3)
    return folder / "cases.csv"


@pytest.fixture(scope="session")
def spoilt(spoilt_csv: Path) -> Verdict:
    """What the check says about that cohort."""
    return judge(spoilt_csv)
