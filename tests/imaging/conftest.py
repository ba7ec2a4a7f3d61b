"""Fixtures of the imaging tests."""

import numpy as np
import pytest

from tests.imaging import golden


@pytest.fixture
def golden_pixels():
    """The stored pixels of this preprocessing version, and the ones made now."""
    with np.load(golden.PATH) as stored:
        return stored["crops"], golden.golden_crops()
