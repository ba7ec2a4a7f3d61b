"""Hounsfield units of CT slices (modality transform, PS3.3 C.11.1)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from imaging.dicom.codestream import require_coded_size
from imaging.dicom.instances import Instance, field_of, named
from imaging.errors import UnreadablePixels
from imaging.volume import AIR_HU

HIGHEST_HU = 20000.0
"""Far above metal in the extended CT scale; values above it are rare in a CT and common in encrypted pixels."""

HIGH_SHARE = 0.1
"""Largest share of voxels above `HIGHEST_HU`."""


def hounsfield(ordered: Sequence[Instance]) -> NDArray[np.int16] | NDArray[np.float32]:
    """
    HU of slices, (slices, rows, columns): int16 where that loses nothing, else float32.

    Each slice has a rescale of its own. Voxels of the Pixel Padding Value whose HU no tissue has are air, as is all
    that lies outside the CT.

    Raises:
        UnreadablePixels: pixels cannot be decoded, are too few or too many, or are no Hounsfield units.
    """
    first = ordered[0].header
    hu: NDArray[Any] = np.empty((len(ordered), int(first.Rows), int(first.Columns)), dtype=np.int16)
    for k, instance in enumerate(ordered):
        plane = _plane_hu(instance)
        if hu.dtype == np.int16 and not _fits(plane):
            hu = hu.astype(np.float32)
        hu[k] = plane
    return hu


def _fits(plane: NDArray[np.float64]) -> bool:
    return bool((np.abs(plane) <= 32767).all() and (plane == np.rint(plane)).all())


def _plane_hu(instance: Instance) -> NDArray[np.float64]:
    header = instance.header
    stored = _stored(instance)
    slope, intercept = float(header.RescaleSlope), float(header.RescaleIntercept)
    hu: NDArray[np.float64] = stored * slope + intercept
    padding = header.get("PixelPaddingValue")
    if isinstance(padding, int) and not AIR_HU <= padding * slope + intercept <= HIGHEST_HU / 5:
        hu[stored == padding] = AIR_HU
    if np.mean(hu > HIGHEST_HU) > HIGH_SHARE:
        raise UnreadablePixels(
            f"the pixels of {named([header])} are no Hounsfield units: more than {HIGH_SHARE:.0%} are above "
            f"{HIGHEST_HU:.0f} HU; they look encrypted or damaged",
            field_of(header, "PixelData"),
        )
    return hu


def _stored(instance: Instance) -> NDArray[Any]:
    header, field = instance.header, field_of(instance.header, "PixelData")
    try:
        whole = instance.whole()
    except Exception as error:  # What was cut off raises errors of many kinds.
        raise UnreadablePixels(f"the file of {named([header])} cannot be read to its end", field) from error
    if "PixelData" not in whole:
        encrypted = "; they are encrypted" if "EncryptedAttributesSequence" in whole else ""
        raise UnreadablePixels(f"{named([header])} has no pixels{encrypted}", field)
    try:
        _require_length(whole)
        stored: NDArray[Any] = whole.pixel_array
    except Exception as error:  # Each of pydicom's decoders has errors of its own.
        raise UnreadablePixels(f"the pixels of {named([header])} cannot be decoded", field) from error
    if stored.shape != (header.Rows, header.Columns):
        raise UnreadablePixels(f"{named([header])} has pixels of shape {stored.shape}; a CT has one value each", field)
    return stored


def _require_length(whole: FileDataset) -> None:
    """Refuse pixels that are too few or too many; pydicom would pass over those beyond the end."""
    if whole.file_meta.TransferSyntaxUID.is_compressed:
        require_coded_size(whole)
        return
    needed = whole.Rows * whole.Columns * whole.get("SamplesPerPixel", 1) * whole.BitsAllocated // 8
    if len(whole.PixelData) not in (needed, needed + needed % 2):
        raise ValueError("wrong length")
