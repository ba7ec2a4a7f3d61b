"""Shapes in the patient: smooth fields, tubes and lumpy ellipsoids. Points are (..., 3), LPS in mm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Region

Points = NDArray[np.float32]
Field = NDArray[np.float32]

WAVES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Ripple:
    """
    A smooth random field of mean 0 and SD 1.

    Attributes:
        wave_vectors: (waves, 3), radians for each unit of the argument.
        phases: (waves,).
    """

    wave_vectors: NDArray[np.float32]
    phases: NDArray[np.float32]

    @classmethod
    def draw(cls, rng: np.random.Generator, wave_length: float) -> "Ripple":
        """A field whose bumps have about the given size."""
        vectors = rng.normal(size=(WAVES, 3)) * (2 * np.pi / wave_length / np.sqrt(3))
        return cls(vectors.astype(np.float32), rng.uniform(0, 2 * np.pi, WAVES).astype(np.float32))

    def at(self, points: Points) -> Field:
        """The values, (...)."""
        waves = sum(
            np.sin(points @ vector + phase) for vector, phase in zip(self.wave_vectors, self.phases, strict=True)
        )
        return np.asarray(waves * np.sqrt(2 / WAVES), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """A straight tube through a point, along a unit vector, of a radius in mm."""

    point_mm: NDArray[np.float32]
    axis: NDArray[np.float32]
    radius_mm: float

    def distance_mm(self, points: Points) -> Field:
        """Distance from the tube's axis, (...)."""
        offsets = points - self.point_mm
        along = offsets @ self.axis
        squares = np.einsum("...i,...i->...", offsets, offsets)
        return np.asarray(np.sqrt(np.maximum(squares - along**2, 0)), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class LumpyEllipsoid:
    """
    An ellipsoid with an irregular surface.

    Attributes:
        centre_mm: LPS.
        axes: Orthonormal, (3, 3): row n is the direction of half axis n.
        half_axes_mm: (3,).
        surface: Bumps, by direction from the centre.
        roughness: Their SD, as a share of the radius.
    """

    centre_mm: NDArray[np.float32]
    axes: NDArray[np.float32]
    half_axes_mm: NDArray[np.float32]
    surface: Ripple
    roughness: float

    def depth(self, points: Points) -> Field:
        """0 at the centre, 1 on the surface, more outside, (...)."""
        local = ((points - self.centre_mm) @ self.axes.T) / self.half_axes_mm
        radius = np.linalg.norm(local, axis=-1)
        bumps = 1 + self.roughness * self.surface.at(local / np.maximum(radius, 1e-6)[..., None])
        return np.asarray(radius / np.maximum(bumps, 0.4), dtype=np.float32)

    @property
    def reach_mm(self) -> float:
        """All of it lies within this distance of the centre."""
        return float(self.half_axes_mm.max()) * (1 + 3 * self.roughness)


def region_around(points: Points, centre_mm: NDArray[np.float32], reach_mm: float) -> Region:
    """The part of a regular axial grid of points, (slices, rows, columns, 3), that is near a place on every axis."""
    lines = (points[:, 0, 0, 2] - centre_mm[2], points[0, :, 0, 1] - centre_mm[1], points[0, 0, :, 0] - centre_mm[0])
    near = [np.flatnonzero(np.abs(line) <= reach_mm) for line in lines]
    k, j, i = (slice(int(hits[0]), int(hits[-1]) + 1) if hits.size else slice(0, 0) for hits in near)
    return k, j, i
