"""What can be wrong with a CT, whatever is marked in it."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from imaging.geometry import Geometry
from imaging.volume import Volume

PADDING_HU = -1500
"""Lower values are no measurement: scanners fill the corners with -2000 and less."""

FAT_HU, DENSE_HU = -50, 700
FEW, SOME = 0.001, 0.01
"""
Shares of voxels. Around every node there is fat or air. Where stored values were taken for HU, soft tissue lies near
1,000; a share of it suffices, since the rest may be air.
"""

LEAST_RANGE_HU = 100
"""Less than from fat to soft tissue."""

CLIPPED_SHARE, LOWEST_CLIP_HU = 0.01, -900
"""Of the voxels, at the least value, which is not that of air."""

THICK_MM = 5.0


def axial_axis(geometry: Geometry) -> int:
    """The axis of the array that runs along the patient, or nearly so."""
    return int(np.abs(np.asarray(geometry.direction)[:, 2]).argmax())


def wrong_modality(volume: Volume) -> str | None:
    """Neither fat nor air, and no sign of an offset: MR, PET, or grey levels; or a range too small to be HU."""
    if float(np.ptp(volume.hu)) < LEAST_RANGE_HU:
        return f"all values lie between {volume.hu.min():g} and {volume.hu.max():g}"
    if _has_fat(volume) or _shifted(volume):
        return None
    return f"no fat and no air: values from {volume.hu.min():g} to {volume.hu.max():g}"


def no_rescale(volume: Volume) -> str | None:
    """No fat and no air, but much that is denser than any soft tissue."""
    if _has_fat(volume) or not _shifted(volume):
        return None
    return f"values from {volume.hu.min():g}, median {np.median(volume.hu):g}; apply slope and intercept"


def missing_slices(volume: Volume) -> str | None:
    """
    A slice inside the CT that equals its neighbour, or has one value.

    A slice that was left out of a file without a word cannot be told; series in DICOM say where each slice is.
    """
    planes = np.moveaxis(volume.hu, axial_axis(volume.geometry), 0)
    flat = np.array([plane.min() == plane.max() for plane in planes])
    equal = np.array([np.array_equal(a, b) for a, b in pairwise(planes)], dtype=np.bool_)
    filled = np.flatnonzero(~flat)
    inside = (np.arange(len(flat)) > filled.min(initial=len(flat))) & (np.arange(len(flat)) < filled.max(initial=-1))
    constant = int((flat & inside).sum())
    copied = int((equal & ~flat[:-1]).sum())
    if not constant + copied:
        return None
    return f"{copied} slice(s) equal the one before, {constant} have one value"


def clipped_values(volume: Volume) -> str | None:
    """Many voxels share the least value, which is not that of air."""
    least = volume.hu.min()
    share = float((volume.hu == least).mean())
    if least < LOWEST_CLIP_HU or share <= CLIPPED_SHARE:
        return None
    return f"{share:.0%} of the voxels are at the least value, {least:g} HU"


def thick_slices(volume: Volume) -> str | None:
    """Slices so far apart that small nodes are averaged away."""
    thickness_mm = volume.geometry.spacing_mm[axial_axis(volume.geometry)]
    return f"{thickness_mm:.1f} mm" if thickness_mm > THICK_MM else None


def _has_fat(volume: Volume) -> bool:
    return float(((volume.hu >= PADDING_HU) & (volume.hu < FAT_HU)).mean()) >= FEW


def _shifted(volume: Volume) -> bool:
    return float((volume.hu > DENSE_HU).mean()) > SOME


CT_RULES: dict[str, Callable[[Volume], str | None]] = {
    "wrong-modality": wrong_modality,
    "no-rescale": no_rescale,
    "missing-slices": missing_slices,
    "clipped-values": clipped_values,
    "thick-slices": thick_slices,
}
"""By name; each tells what it found, or None."""
