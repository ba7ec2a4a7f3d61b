"""All choices made between Hounsfield units and network input."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import ceil
from typing import Any

from imaging.errors import InvalidSpec
from imaging.window import Window

VERSION = 1
"""Version of the preprocessing. Raise by one whenever the same input would give other pixels."""


class Aggregation(StrEnum):
    """How a node's logit follows from those of its slices."""

    MEAN = "mean"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class PreprocessingSpec:
    """
    All choices from Hounsfield units to crop.

    Training writes it into the model file; the service reads it from there and has no such setting of its own.

    Attributes:
        spacing_mm: Grid on which nodes are resampled: (slices, rows, columns), along z, y and x of LPS.
        window: Range of HU that becomes [0, 1].
        side_mm: Smallest side of the square axial box around a node.
        slice_offsets: Axial slices to cut, counted in ``spacing_mm[0]`` from the largest cross-section, towards
            the head; ascending in equal steps.
        input_shape_px: Rows and columns of the network's input.
        aggregation: How slice logits become the node's.
        min_node_volume_mm3: Smaller nodes are not scored.
        version: Of the preprocessing that these choices are for.

    Raises:
        InvalidSpec: the choices make no crop, or are for another version.
    """

    spacing_mm: tuple[float, float, float] = (0.79, 0.79, 0.79)
    window: Window = field(default=Window(lower_hu=-135.0, upper_hu=215.0))
    side_mm: float = 50.0
    slice_offsets: tuple[int, ...] = (-1, 0, 1)
    input_shape_px: tuple[int, int] = (224, 224)
    aggregation: Aggregation = Aggregation.MEAN
    min_node_volume_mm3: float = 10.0
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise InvalidSpec(f"preprocessing version {self.version} is asked for, this release does {VERSION}")
        if len(self.spacing_mm) != 3 or not min(self.spacing_mm) > 0:
            raise InvalidSpec(f"spacing must be three numbers above 0 mm, got {self.spacing_mm}")
        if not self.side_mm >= max(self.spacing_mm):
            raise InvalidSpec(f"side_mm must be at least one pixel, got {self.side_mm}")
        steps = {b - a for a, b in pairwise(self.slice_offsets)}
        if not self.slice_offsets or len(steps) > 1 or min(steps, default=1) < 1:
            raise InvalidSpec(f"slice_offsets must ascend in equal steps, got {self.slice_offsets}")
        if len(self.input_shape_px) != 2 or min(self.input_shape_px) < 1:
            raise InvalidSpec(f"input_shape_px must be two counts above 0, got {self.input_shape_px}")
        if not self.min_node_volume_mm3 >= 0:
            raise InvalidSpec(f"min_node_volume_mm3 must not be negative, got {self.min_node_volume_mm3}")

    @property
    def slice_step(self) -> int:
        """Steps of ``spacing_mm[0]`` from one slice of a crop to the next; 1 where there is one slice."""
        return self.slice_offsets[1] - self.slice_offsets[0] if len(self.slice_offsets) > 1 else 1

    @property
    def box_shape_px(self) -> tuple[int, int]:
        """Rows and columns of the axial box at ``spacing_mm``: the odd counts that just cover ``side_mm``."""
        rows, columns = (_odd_count(self.side_mm / spacing) for spacing in self.spacing_mm[1:])
        return rows, columns

    @property
    def input_spacing_mm(self) -> tuple[float, float, float]:
        """Of the network's input: (slices, rows, columns)."""
        step_z, *steps = self.spacing_mm
        step_y, step_x = (
            step * a / b for step, a, b in zip(steps, self.box_shape_px, self.input_shape_px, strict=True)
        )
        return step_z * self.slice_step, step_y, step_x

    @property
    def digest(self) -> str:
        """SHA-256 of the choices; equal specs have equal digests."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The choices as plain JSON values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "PreprocessingSpec":
        """
        Read what `to_dict` wrote.

        Raises:
            InvalidSpec: a choice is missing, unknown or impossible.

        >>> PreprocessingSpec.from_dict(PreprocessingSpec().to_dict()) == PreprocessingSpec()
        True
        """
        if plain.get("version") != VERSION:
            raise InvalidSpec(f"preprocessing version {plain.get('version')} is asked for, this release does {VERSION}")
        try:
            return cls(
                **{
                    **plain,
                    "spacing_mm": tuple(map(float, plain["spacing_mm"])),
                    "window": Window(**plain["window"]),
                    "slice_offsets": tuple(map(int, plain["slice_offsets"])),
                    "input_shape_px": tuple(map(int, plain["input_shape_px"])),
                    "aggregation": Aggregation(plain["aggregation"]),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidSpec(f"not a preprocessing spec: {error}") from error


def _odd_count(cells: float) -> int:
    # Rounded first, so that 50.56 / 0.79 is 64 cells and not 64.00000000000001.
    return 2 * ceil((round(cells, 6) - 1) / 2) + 1
