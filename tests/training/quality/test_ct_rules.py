from dataclasses import replace

import numpy as np
import pytest

from imaging.geometry import Geometry
from imaging.volume import Volume
from tests.imaging.scenes import reordered
from tests.training.quality.scans import GRID, body
from training.quality.ct_rules import CT_RULES, axial_axis, missing_slices, thick_slices


def broken(volume):
    """The rules that a CT breaks."""
    return {name for name, rule in CT_RULES.items() if rule(volume)}


def changed(hu):
    """The CT, or a part of it, with other values."""
    return Volume(hu, GRID.cropped((slice(0, hu.shape[0]), slice(0, hu.shape[1]), slice(0, hu.shape[2]))))


def test_a_sound_ct_breaks_no_rule():
    """A body with air, fat, muscle and a node is what is expected."""
    assert set() == broken(body())


def test_stored_values_are_told_from_hounsfield_units():
    """Whether the offset is 1024 or 1000, whether or not there is air, and with padding around the scanned circle."""
    hu = body().hu
    padded = np.where(np.arange(60) < 5, np.int16(-2000), hu + np.int16(1024))

    assert {"no-rescale"} == broken(changed(hu + np.int16(1024))) == broken(changed(hu + np.int16(1000)))
    assert {"no-rescale"} == broken(changed(hu[:, 12:] + np.int16(1024)))
    assert {"no-rescale"} == broken(changed(padded.astype(np.int16)))


@pytest.mark.parametrize(
    "values",
    [
        lambda hu: ((hu + 160.0) / 400).clip(0, 1).astype(np.float32),
        lambda hu: ((hu + 1024) // 3).astype(np.int16),
    ],
    ids=["grey levels", "mr"],
)
def test_other_images_are_no_ct(values):
    """Neither fractions nor the positive values of MR are Hounsfield units."""
    assert "wrong-modality" in broken(changed(values(body().hu)))


def test_a_window_before_storage_is_seen():
    """Many voxels at one least value, which is not air, were clipped."""
    assert {"clipped-values"} == broken(changed(body().hu.clip(-160, 240)))


def test_filled_in_slices_are_seen():
    """A copy and a constant are named wherever they are inside, in every order of storage; padding at an end is not."""
    hu = body().hu.copy()
    hu[:2] = -1024
    assert missing_slices(changed(hu)) is None

    hu[7], hu[11] = hu[6], 0

    found = "1 slice(s) equal the one before, 1 have one value"
    assert found == missing_slices(changed(hu))
    turned = Volume(*reordered(hu, GRID, ((2, 0, 1), (False, True, False))))
    assert (1, found) == (axial_axis(turned.geometry), missing_slices(turned))


def test_thick_slices_are_seen():
    """Up to 5 mm is usual."""
    thick = Geometry(GRID.shape, (5.5, 1.0, 1.0))

    assert "5.5 mm" == thick_slices(Volume(body().hu, thick))
    assert thick_slices(Volume(body().hu, replace(thick, spacing_mm=(5.0, 1.0, 1.0)))) is None
