"""From Hounsfield units to [0, 1]."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.errors import InvalidSpec


@dataclass(frozen=True, slots=True)
class Window:
    """
    The range of Hounsfield units that is stretched over [0, 1].

    It means what DICOM calls LINEAR_EXACT (PS3.3 C.11.2.1.3.2): the range runs from ``lower_hu`` to
    ``upper_hu``. DICOM's plain LINEAR is one HU narrower; we do not use it.

    Raises:
        InvalidSpec: the upper limit is not above the lower.

    >>> Window(lower_hu=-135.0, upper_hu=215.0).width_hu
    350.0
    """

    lower_hu: float
    upper_hu: float

    def __post_init__(self) -> None:
        if not self.lower_hu < self.upper_hu:
            raise InvalidSpec(f"a window must have its upper above its lower limit, got {self}")

    @property
    def width_hu(self) -> float:
        """Upper minus lower limit."""
        return self.upper_hu - self.lower_hu

    def applied_to(self, hu: NDArray[Any]) -> NDArray[np.float32]:
        """The values, of any shape, rescaled so that the window fills [0, 1]; what lies outside is clipped."""
        shares: NDArray[np.float32] = np.clip((hu.astype(np.float32) - self.lower_hu) / self.width_hu, 0.0, 1.0)
        return shares.astype(np.float32)
