"""Twins on disk."""

import json

import numpy as np
import pytest

from imaging.files import read_mask, read_volume
from tests.training.cohorts import read_table
from training.errors import InvalidOptions
from training.phantoms.twin_cohort import write_twins
from training.phantoms.twins import draw_twins


def test_twins_read_back(tmp_path):
    """A row names a mask and three CTs on its grid; they are the twins of that seed and number."""
    write_twins(tmp_path / "twins", 2, 4)
    rows, latents = read_table(tmp_path / "twins" / "twins.csv"), read_table(tmp_path / "twins" / "latents.csv")
    second = draw_twins(4, 2)

    assert ["t0001", "t0002"] == [row["twins"] for row in rows]
    mask = read_mask(tmp_path / "twins" / rows[1]["mask"])
    np.testing.assert_array_equal(second.mask.labels, mask.labels)
    for name in ("benign", "metastatic", "absent"):
        volume = read_volume(tmp_path / "twins" / rows[1][name])
        np.testing.assert_array_equal(getattr(second, name).hu, volume.hu)
        assert volume.geometry.shape == mask.geometry.shape
    assert [("t0002", "False"), ("t0002", "True")] == [(row["twins"], row["metastatic"]) for row in latents[2:]]
    assert json.loads((tmp_path / "twins" / "cohort.json").read_text())["synthetic"] is True


def test_no_twins_are_refused(tmp_path):
    """Nothing is written."""
    with pytest.raises(InvalidOptions, match="at least 1 is needed"):
        write_twins(tmp_path / "twins", 0, 4)
    assert [] == list(tmp_path.iterdir())
