"""Quantum noise."""

import numpy as np
import pytest

from training.phantoms.acquisition import Acquisition
from training.phantoms.noise import draw_noise, noise_power

PIXEL_MM = 0.75
PEAKS = [0.09, 0.18, 0.27]


def measured_peak(noise, pixel_mm):
    """Where the radial noise power spectrum of slices is highest, per mm; of a smooth curve through its top."""
    _, rows, columns = noise.shape
    power = (np.abs(np.fft.fft2(noise)) ** 2).mean(axis=0).ravel()
    radii = np.hypot(np.fft.fftfreq(rows, pixel_mm)[:, None], np.fft.fftfreq(columns, pixel_mm)[None]).ravel()
    bins = np.digitize(radii, np.arange(0, 0.6, 0.01))
    places = np.array([radii[bins == n].mean() for n in range(1, 60)])
    levels = np.array([power[bins == n].mean() for n in range(1, 60)])
    top = levels > 0.7 * levels.max()
    curve = np.polynomial.Polynomial.fit(places[top], levels[top], 4)
    fine = np.linspace(places[top].min(), places[top].max(), 500)
    return fine[curve(fine).argmax()]


@pytest.mark.parametrize("peak", PEAKS)
def test_the_spectrum_peaks_where_asked(peak):
    """The measured peak and SD are within 10 % of what was asked for, and the mean is 0."""
    noise = draw_noise(np.random.default_rng(0), (100, 130, 128), PIXEL_MM, peak, 12.0)

    assert measured_peak(noise, PIXEL_MM) == pytest.approx(peak, rel=0.1)
    assert noise.std() == pytest.approx(12.0, rel=0.01)
    assert noise.mean() == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("peak", PEAKS)
def test_whole_numbers_of_hu_keep_the_spectrum(peak):
    """In the int16 CT of uniform tissue, peak and SD are still within 10 %."""
    acquisition = Acquisition(PIXEL_MM, 1.0, 0.7, 8.0, peak)
    slices, rows, columns = acquisition.geometry.shape
    flat = np.full((slices * acquisition.parts, rows, columns), 50, np.float32)
    hu = acquisition.seen(flat, np.random.default_rng(1))

    assert np.int16 == hu.dtype
    assert measured_peak(hu - 50.0, PIXEL_MM) == pytest.approx(peak, rel=0.1)
    assert hu.std() == pytest.approx(8.0, rel=0.1)


def test_the_spectrum_is_a_ramp_that_is_cut_off():
    """No power at frequency 0, proportional to it near 0, most at the peak, little far beyond."""
    assert 0 == noise_power(np.array([0.0]), 0.2)[0]
    assert 1 == noise_power(np.array([0.2]), 0.2)[0]
    low, twice, high = noise_power(np.array([0.001, 0.002, 0.8]), 0.2)
    assert twice / low == pytest.approx(2, rel=1e-3)
    assert high < 0.01
