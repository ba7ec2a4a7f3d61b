"""An upright box in the patient."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """
    A box whose faces are parallel to the LPS axes.

    Attributes:
        lower_mm: LPS corner of the smallest x, y and z.
        upper_mm: LPS corner of the largest x, y and z.

    >>> Box((0.0, 0.0, 0.0), (4.0, 2.0, 1.0)).centre_mm
    (2.0, 1.0, 0.5)
    """

    lower_mm: tuple[float, float, float]
    upper_mm: tuple[float, float, float]

    @classmethod
    def around(cls, points_mm: ArrayLike) -> "Box":
        """The smallest box around the given (n, 3) LPS points, n at least 1."""
        points = np.asarray(points_mm, dtype=np.float64)
        return cls._between(points.min(axis=0), points.max(axis=0))

    @classmethod
    def union(cls, boxes: Iterable["Box"]) -> "Box":
        """The smallest box around at least one other."""
        return cls.around([corner for box in boxes for corner in (box.lower_mm, box.upper_mm)])

    @classmethod
    def _between(cls, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> "Box":
        (a, b, c), (x, y, z) = lower.tolist(), upper.tolist()
        return cls((a, b, c), (x, y, z))

    @property
    def centre_mm(self) -> tuple[float, float, float]:
        """The LPS point in the middle."""
        x, y, z = ((a + b) / 2 for a, b in zip(self.lower_mm, self.upper_mm, strict=True))
        return x, y, z

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Extent along x, y and z."""
        x, y, z = (b - a for a, b in zip(self.lower_mm, self.upper_mm, strict=True))
        return x, y, z

    def grown(self, by_mm: ArrayLike) -> "Box":
        """The box with ``by_mm`` (one number, or one for x, y and z) added on every side."""
        by = np.broadcast_to(np.asarray(by_mm, dtype=np.float64), (3,))
        return Box._between(np.asarray(self.lower_mm) - by, np.asarray(self.upper_mm) + by)
