"""Golden cases travel inside the model file and cannot be swapped unseen."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from imaging.errors import InvalidManifest
from imaging.golden import GoldenCases, golden_digest


def cases():
    """Two random cases."""
    rng = np.random.default_rng(0)
    shapes = [(2, 1, 8, 8), (2, 1), (2, 4, 4)]
    return GoldenCases(*(rng.random(shape, dtype=np.float32) for shape in shapes))


def test_cases_survive_as_text():
    """Every bit comes back."""
    text = cases().to_text()
    back = GoldenCases.from_text(text, golden_digest(text))

    for name in ("crops", "logits", "heatmaps"):
        assert_array_equal(getattr(cases(), name), getattr(back, name))


def test_other_cases_than_the_manifest_names_are_refused():
    """A digest that does not fit is an error."""
    with pytest.raises(InvalidManifest, match="not the ones"):
        GoldenCases.from_text(cases().to_text(), "0" * 64)


def test_text_that_is_no_archive_is_refused():
    """A right digest over nonsense is an error too."""
    with pytest.raises(InvalidManifest, match="cannot be read"):
        GoldenCases.from_text("bm9uc2Vuc2U=", golden_digest("bm9uc2Vuc2U="))
