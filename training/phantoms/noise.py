"""
Quantum noise as filtered back-projection leaves it in the plane of a slice.

White noise is filtered by the square root of a noise power spectrum, which rises like the ramp filter and falls like
the apodisation of the kernel. In CTs of the abdomen its peak was found from 0.09 /mm (model-based iterative
reconstruction) to 0.27 /mm (filtered back-projection).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from imaging.geometry import Shape


def noise_power(frequencies: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """
    Ramp times a Gaussian apodisation, 1 at its peak and 0 at frequency 0.

    Args:
        frequencies: Radial, of any shape, in the same unit as ``peak``.
        peak: Where most power is.
    """
    ratios = frequencies / peak
    return np.asarray(ratios * np.exp((1 - ratios**2) / 2))


def draw_noise(
    rng: np.random.Generator, shape: Shape, pixel_mm: float, peak_per_mm: float, noise_hu: float
) -> NDArray[np.float32]:
    """
    Noise of mean 0 and the given SD, independent from slice to slice, (slices, rows, columns) in HU.

    Args:
        rng: Of the white noise.
        shape: Slices, rows and columns.
        pixel_mm: In-plane spacing.
        peak_per_mm: Of the noise power spectrum, in cycles per mm.
        noise_hu: SD.
    """
    _, rows, columns = shape
    frequencies = np.hypot(fft.fftfreq(rows, pixel_mm)[:, None], fft.rfftfreq(columns, pixel_mm)[None])
    gains = np.sqrt(noise_power(frequencies, peak_per_mm)).astype(np.float32)
    white = rng.standard_normal(shape, dtype=np.float32)
    filtered = fft.irfft2(fft.rfft2(white) * gains, s=(rows, columns))
    noise: NDArray[np.float32] = filtered * np.float32(noise_hu / filtered.std())
    return noise
