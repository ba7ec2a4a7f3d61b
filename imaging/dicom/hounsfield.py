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

HIGHEST_HU = 4095.0
"""Above all tissue; pixels that are declared as padding and lie above it, or below air, are not meant as HU."""

CLEAR_BITS = 6.5
"""Highest entropy of the upper bytes of pixels, of 8 bits; CTs have less than 5, encrypted pixels nearly all 8."""


def hounsfield(ordered: Sequence[Instance]) -> NDArray[np.int16] | NDArray[np.float32]:
    """
    HU of slices, (slices, rows, columns): int16 where that loses nothing, else float32.

    Each slice has a rescale of its own. Voxels of the Pixel Padding Value whose HU no tissue has are air, as is all
    that lies outside the CT.

    Raises:
        UnreadablePixels: pixels cannot be decoded, are too few or too many, or look encrypted.
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
    if isinstance(padding, int) and not AIR_HU <= padding * slope + intercept <= HIGHEST_HU:
        hu[stored == padding] = AIR_HU
    return hu


def _stored(instance: Instance) -> NDArray[Any]:
    header, field = instance.header, field_of(instance.header, "PixelData")
    try:
        whole = instance.whole()
    except Exception as error:  # What was cut off raises errors of many kinds.
        raise UnreadablePixels(f"the file of {named([header])} cannot be read to its end", field) from error
    if "PixelData" not in whole:
        raise UnreadablePixels(f"{named([header])} has no pixels", field)
    try:
        _require_length(whole)
        stored: NDArray[Any] = whole.pixel_array
    except Exception as error:  # Each of pydicom's decoders has errors of its own.
        raise UnreadablePixels(f"the pixels of {named([header])} cannot be decoded", field) from error
    if stored.shape != (header.Rows, header.Columns):
        raise UnreadablePixels(f"{named([header])} has several values in each pixel; a CT has one", field)
    if _looks_encrypted(whole):
        raise UnreadablePixels(f"the pixels of {named([header])} look encrypted; send them in the clear", field)
    return stored


def _require_length(whole: FileDataset) -> None:
    """Refuse pixels that are too few or too many; pydicom would pass over those beyond the end."""
    if _is_compressed(whole):
        require_coded_size(whole)
        return
    needed = whole.Rows * whole.Columns * whole.get("SamplesPerPixel", 1) * whole.BitsAllocated // 8
    if len(whole.PixelData) not in (needed, needed + needed % 2):
        raise ValueError("wrong length")


def _looks_encrypted(whole: FileDataset) -> bool:
    """Whether both bytes of 16-bit pixels take all values alike, as no image does."""
    if _is_compressed(whole) or whole.get("BitsAllocated") != 16:
        return False
    octets = np.frombuffer(whole.PixelData, dtype=np.uint8)
    return min(_entropy(octets[0::2]), _entropy(octets[1::2])) > CLEAR_BITS


def _entropy(octets: NDArray[np.uint8]) -> float:
    """Shannon's entropy of bytes, in bits."""
    counts = np.bincount(octets, minlength=256)
    shares = counts[counts > 0] / max(octets.size, 1)
    return float(-(shares * np.log2(shares)).sum())


def _is_compressed(whole: FileDataset) -> bool:
    return bool(whole.file_meta.TransferSyntaxUID.is_encapsulated)
