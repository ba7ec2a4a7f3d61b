"""How a scanner sees a scene."""

import numpy as np
import pytest

from training.phantoms.acquisition import ANY, SHARP, SMOOTH, Acquisition

THICK = Acquisition(pixel_mm=0.8, thickness_mm=3.0, blur_mm=0.7, noise_hu=12.0, peak_per_mm=0.18)


def test_noise_is_as_strong_as_said_and_correlated():
    """On uniform tissue the SD is the one drawn; neighbours in the plane are alike, slices are not."""
    grid = THICK.geometry
    flat = np.full((grid.shape[0] * THICK.parts, *grid.shape[1:]), 50, np.float32)
    noise = THICK.seen(flat, np.random.default_rng(0)) - 50.0

    assert noise.std() == pytest.approx(12, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert np.corrcoef(noise[:, :, 1:].ravel(), noise[:, :, :-1].ravel())[0, 1] > 0.3
    assert abs(np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]) < 0.02


def test_slices_average_what_they_hold():
    """An edge in the middle of a slice gives it the mean of both sides."""
    quiet = Acquisition(0.8, 3.0, 0.7, 0.0, 0.18)
    fine = np.where(quiet.fine_points()[..., 2] > quiet.geometry.origin_mm[2] + 30.0, 100.0, 0.0).astype(np.float32)
    profile = quiet.seen(fine, np.random.default_rng(0))[:, 60, 60]

    assert 0 < profile[10] < 100
    assert (profile[:10] == 0).all()
    assert (profile[11:] == 100).all()


def test_the_ct_is_centred():
    """The grid's outer faces are symmetrical around LPS (0, 0, 0)."""
    np.testing.assert_allclose(THICK.geometry.box.centre_mm, 0, atol=1e-9)


def test_settings_lie_in_the_scanners_ranges():
    """Sharp and smooth scanners have no pixel size, noise or kernel in common; any scanner has all of theirs."""
    for scanner in (ANY, SMOOTH, SHARP):
        for seed in range(30):
            drawn = Acquisition.draw(np.random.default_rng(seed), scanner)
            for name in ("pixel_mm", "noise_hu", "peak_per_mm"):
                lowest, highest = getattr(scanner, name)
                assert lowest <= getattr(drawn, name) <= highest
    assert SMOOTH.pixel_mm[1] < SHARP.pixel_mm[0]
    assert SMOOTH.noise_hu[1] < SHARP.noise_hu[0]
    assert SMOOTH.peak_per_mm[1] < SHARP.peak_per_mm[0]
