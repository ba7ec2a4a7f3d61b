"""A CT series as a regular grid of Hounsfield units."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.errors import InvalidVoxels
from imaging.geometry import Geometry, Region

AIR_HU = -1024.0
"""What lies outside the volume, in HU (contract, preprocessing version 1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """
    One CT series.

    Attributes:
        hu: Hounsfield units, (slices, rows, columns), int16 or float32, finite.
        geometry: Where the voxels are.

    Raises:
        InvalidVoxels: shape or type differ from the above, or a value is NaN or infinite.
    """

    hu: NDArray[Any]
    geometry: Geometry

    def __post_init__(self) -> None:
        if self.hu.dtype not in (np.int16, np.float32):
            raise InvalidVoxels(f"voxels must be int16 or float32, got {self.hu.dtype}")
        if self.hu.shape != self.geometry.shape:
            raise InvalidVoxels(f"voxels have shape {self.hu.shape}, the geometry says {self.geometry.shape}")
        if self.hu.dtype == np.float32 and not np.isfinite(self.hu.sum(dtype=np.float64)):
            raise InvalidVoxels("voxels must be finite Hounsfield units; replace NaN and infinity before sending")

    def cropped(self, region: Region) -> "Volume":
        """The part of the volume in an index region; shares memory."""
        return Volume(self.hu[region], self.geometry.cropped(region))
