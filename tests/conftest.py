"""Fixtures of all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real CTs; the test is skipped where there is none."""
    folder = Path(os.environ.get("NODELENS_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real CT here: set NODELENS_REAL_DATA to a folder that has abdomen-ct and lidc-voi")
    return folder
