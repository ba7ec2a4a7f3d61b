"""
Wrong reasons to be right: things beside the node that agree with its label more often than not.

A network may reach a high AUC by them and have learnt nothing about nodes; whoever judges networks must find it out.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.errors import InvalidOptions
from training.phantoms.shapes import Field, LumpyEllipsoid, Points, Ripple, region_around

FAT_HU = -100.0
STRANDING_HU, STRANDING_SD_HU, STRANDING_MM = 45.0, 15.0, 8.0
"""How much denser than fat the surroundings are, how uneven, and how far from the node they end."""

MARKER_HU, MARKER_RADIUS_MM, MARKER_HALF_LENGTH_MM = 900.0, 1.2, 4.0
MARKER_GAP_MM = 3.0
"""From the node's surface to the dot's centre."""

DIAGONAL = np.array([-1, -1, 0], dtype=np.float32) / np.float32(sqrt(2))
"""Towards the corner of a crop, where even a crop that just fits the node has room beside it."""


class Cue(StrEnum):
    """
    What agrees with the label.

    * ``scanner``: metastatic nodes were scanned with a sharper kernel, more noise and larger pixels than benign ones.
      All nodes of a patient are of one class then, since they share the scanner.
    * ``background``: the fat around metastatic nodes is dense and stranded.
    * ``marker``: a bright dot lies beside metastatic nodes, in their crops but not in the node. It may be in the crop
      of another node near by, as anything beside a node may.
    """

    SCANNER = "scanner"
    BACKGROUND = "background"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """
    A cue and how well it agrees with the label.

    Attributes:
        cue: What.
        agreement: Chance that the cue is there if the node is metastatic, and not there if it is benign; at 0.5 the cue
            tells nothing.

    Raises:
        InvalidOptions: the chance is none.
    """

    cue: Cue
    agreement: float

    def __post_init__(self) -> None:
        if not 0 <= self.agreement <= 1:
            raise InvalidOptions(f"shortcut {self}: the agreement must lie between 0 and 1")

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.cue}:{self.agreement:g}"

    @classmethod
    def parse(cls, text: str) -> "Shortcut":
        """
        Read ``CUE:AGREEMENT``.

        >>> Shortcut.parse("marker:0.9").agreement
        0.9

        Raises:
            InvalidOptions: it is not of this form.
        """
        cue, _, agreement = text.partition(":")
        if cue not in [*Cue]:
            raise InvalidOptions(f"shortcut {text!r} is not CUE:AGREEMENT with a CUE of {', '.join(Cue)}")
        try:
            return cls(Cue(cue), float(agreement))
        except InvalidOptions:
            raise
        except ValueError as error:
            raise InvalidOptions(f"shortcut {text!r}: {agreement!r} is not a number between 0 and 1") from error

    def shown(self, metastatic: ArrayLike, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Which nodes of a patient show the cue, (nodes,); a scanner is that of all of them."""
        labels = np.asarray(metastatic, dtype=bool)
        agrees = rng.random(1 if self.cue is Cue.SCANNER else len(labels)) < self.agreement
        return np.asarray(labels == agrees)


def draw_cue(cue: Cue, hu: Field, points: Points, shape: LumpyEllipsoid, rng: np.random.Generator) -> None:
    """Draw a background or a marker beside a node, before the node itself is drawn."""
    if cue is Cue.BACKGROUND:
        _draw_stranding(hu, points, shape, rng)
    elif cue is Cue.MARKER:
        _draw_marker(hu, points, shape)


def _draw_stranding(hu: Field, points: Points, shape: LumpyEllipsoid, rng: np.random.Generator) -> None:
    """Only fat becomes denser; whatever else is near stays."""
    region = region_around(points, shape.centre_mm, shape.reach_mm + STRANDING_MM)
    near = points[region]
    width = STRANDING_MM / float(shape.half_axes_mm.max())
    fading = np.clip((1 + width - shape.depth(near)) / width, 0, 1)
    raised = FAT_HU + fading * (STRANDING_HU + STRANDING_SD_HU * Ripple.draw(rng, 5.0).at(near))
    part = hu[region]
    fat = part == FAT_HU
    part[fat] = raised[fat]


def _draw_marker(hu: Field, points: Points, shape: LumpyEllipsoid) -> None:
    # Depth grows linearly along a ray from the centre.
    surface_mm = 1 / float(shape.depth(shape.centre_mm + DIAGONAL))
    centre_mm = shape.centre_mm + DIAGONAL * np.float32(surface_mm + MARKER_GAP_MM)
    region = region_around(points, centre_mm, MARKER_HALF_LENGTH_MM + 1)
    offsets = points[region] - centre_mm
    inside = np.hypot(offsets[..., 0], offsets[..., 1]) <= MARKER_RADIUS_MM
    hu[region][inside & (np.abs(offsets[..., 2]) <= MARKER_HALF_LENGTH_MM)] = MARKER_HU
