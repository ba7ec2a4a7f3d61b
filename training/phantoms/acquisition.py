"""How a scanner sees a scene: slices of some thickness, a point-spread, and noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from imaging.geometry import Geometry
from training.phantoms.noise import draw_noise

SIDE_MM = 100.0
HEIGHT_MM = 76.0
FINE_STEP_MM = 0.8
"""Largest step along z at which the scene is drawn before slices average it."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """
    Ranges from which settings are drawn evenly.

    Attributes:
        pixel_mm: In-plane spacing.
        noise_hu: SD of the noise.
        peak_per_mm: Of the noise power spectrum: low for smooth kernels and iterative reconstruction, high for sharp
            ones.
    """

    pixel_mm: tuple[float, float] = (0.68, 0.90)
    noise_hu: tuple[float, float] = (8.0, 15.0)
    peak_per_mm: tuple[float, float] = (0.09, 0.27)


ANY = Scanner()
SMOOTH = Scanner(pixel_mm=(0.68, 0.74), noise_hu=(8.0, 10.0), peak_per_mm=(0.09, 0.13))
SHARP = Scanner(pixel_mm=(0.84, 0.90), noise_hu=(13.0, 15.0), peak_per_mm=(0.22, 0.27))


@dataclass(frozen=True, slots=True)
class Acquisition:
    """
    One scanner's settings.

    Attributes:
        pixel_mm: In-plane spacing.
        thickness_mm: Of slices, which touch each other.
        blur_mm: SD of the in-plane point-spread.
        noise_hu: SD of the noise in the CT.
        peak_per_mm: Of the noise power spectrum.
    """

    pixel_mm: float
    thickness_mm: float
    blur_mm: float
    noise_hu: float
    peak_per_mm: float

    @classmethod
    def draw(cls, rng: np.random.Generator, scanner: Scanner = ANY) -> "Acquisition":
        """Settings such as abdominal CTs have."""
        return cls(
            pixel_mm=round(float(rng.uniform(*scanner.pixel_mm)), 3),
            thickness_mm=float(rng.choice([1.0, 1.5, 2.0, 2.5, 3.0])),
            blur_mm=float(rng.uniform(0.5, 0.8)),
            noise_hu=float(rng.uniform(*scanner.noise_hu)),
            peak_per_mm=float(rng.uniform(*scanner.peak_per_mm)),
        )

    @property
    def geometry(self) -> Geometry:
        """The CT's grid around LPS (0, 0, 0)."""
        side, slices = round(SIDE_MM / self.pixel_mm), round(HEIGHT_MM / self.thickness_mm)
        x = -(side - 1) / 2 * self.pixel_mm
        z = -(slices - 1) / 2 * self.thickness_mm
        return Geometry((slices, side, side), (self.thickness_mm, self.pixel_mm, self.pixel_mm), (x, x, z))

    @property
    def parts(self) -> int:
        """Fine steps in a slice."""
        return int(np.ceil(self.thickness_mm / FINE_STEP_MM))

    def fine_points(self) -> NDArray[np.float32]:
        """LPS points at which the scene is drawn, (slices * parts, rows, columns, 3)."""
        grid = self.geometry
        step = self.thickness_mm / self.parts
        x, y, z = grid.origin_mm
        slices, rows, columns = grid.shape
        fine = Geometry(
            (slices * self.parts, rows, columns),
            (step, self.pixel_mm, self.pixel_mm),
            (x, y, z - (self.parts - 1) / 2 * step),
        )
        points = fine.points_at(np.indices(fine.shape).reshape(3, -1).T)
        return points.reshape(*fine.shape, 3).astype(np.float32)

    def seen(self, fine_hu: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int16]:
        """The CT, (slices, rows, columns) in HU, of a scene drawn at `fine_points`."""
        slices, rows, columns = self.geometry.shape
        averaged = fine_hu.reshape(slices, self.parts, rows, columns).mean(axis=1)
        blurred = gaussian_filter(averaged, (0, self.blur_mm / self.pixel_mm, self.blur_mm / self.pixel_mm))
        noise = draw_noise(rng, self.geometry.shape, self.pixel_mm, self.peak_per_mm, self.noise_hu)
        hu: NDArray[np.int16] = np.round(blurred + noise).astype(np.int16)
        return hu
