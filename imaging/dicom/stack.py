"""Slices of a CT in order along their normal, and the grid that they make."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.instances import Instance, field_of, named, numbers_of, uid_of
from imaging.errors import MixedSlices, TiltedSlices, TooManyVoxels, UnevenSlices, UnreadableSeries
from imaging.geometry import Geometry

SPACING_TOLERANCE = 0.01
"""Largest difference between two steps from slice to slice, as a share of the median step."""

TILT_TOLERANCE = 0.001
"""Largest sideways shift of a slice, as a share of its distance; more is a tilted gantry or a sheared series."""

ROUNDING_MM = 0.02
"""Difference between two slices that rounding makes: scanners write positions to hundredths of a millimetre."""

NEEDED = {
    "ImagePositionPatient": 3,
    "ImageOrientationPatient": 6,
    "PixelSpacing": 2,
    "RescaleSlope": 1,
    "RescaleIntercept": 1,
    "Rows": 1,
    "Columns": 1,
}
"""Attributes without which a slice has no place or no Hounsfield units, and how many numbers each holds."""

SHARED = ("ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")
"""Attributes that are the same in all slices of one grid."""

HOUNSFIELD = ("", "HU", "US")
"""Rescale Type (0028,1054) of a CT in Hounsfield units; absent means HU, and some writers leave it unspecified."""


def stacked(slices: Iterable[Instance]) -> tuple[tuple[Instance, ...], Geometry]:
    """
    The slices of one series by their place along the normal, and their grid.

    Raises:
        UnevenSlices: slices are missing, doubled or uneven.
        TiltedSlices: slices are shifted sideways.
        MixedSlices: slices differ in orientation, spacing, size or frame of reference.
        UnreadableSeries: an attribute is missing, or there is one slice only.
    """
    instances = list(slices)
    headers = [instance.header for instance in instances]
    for header in headers:
        _require_attributes(header)
    _require_one_value(headers)
    ordered = sorted(instances, key=lambda instance: _distance_mm(instance.header))
    return tuple(ordered), _geometry([instance.header for instance in ordered])


def require_size(geometry: Geometry, max_voxels: int | None, name: str) -> None:
    """
    Refuse a grid before room is made for it.

    Raises:
        TooManyVoxels: it has more voxels than are allowed; None is any number.
    """
    voxel_count = prod(geometry.shape)
    if max_voxels is not None and voxel_count > max_voxels:
        raise TooManyVoxels(f"the {name} has {voxel_count} voxels, {max_voxels} are allowed; send a smaller part")


def axes_of(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    """LPS unit vectors of slices, rows and columns, (3, 3), for an Image Orientation (PS3.3 C.7.6.2.1.1)."""
    along_row, along_column = orientation[:3], orientation[3:]
    return np.stack([np.cross(along_row, along_column), along_column, along_row])


def _require_attributes(header: Dataset) -> None:
    frames = numbers_of(header, "NumberOfFrames", 1)
    if frames is not None and frames[0] > 1:
        raise UnreadableSeries(
            f"{named([header])} has several frames; export the series as classic CT images",
            field_of(header, "NumberOfFrames"),
        )
    if missing := [name for name, count in NEEDED.items() if numbers_of(header, name, count) is None]:
        encrypted = "; its attributes are encrypted" if "EncryptedAttributesSequence" in header else ""
        raise UnreadableSeries(f"{named([header])} lacks {', '.join(missing)}{encrypted}", field_of(header, missing[0]))
    if header.get("RescaleType", "") not in HOUNSFIELD:
        raise UnreadableSeries(
            f"{named([header])} is not in Hounsfield units; send the CT, not a map made of it",
            field_of(header, "RescaleType"),
        )


def _require_one_value(headers: Sequence[Dataset]) -> None:
    for name in SHARED:
        reference = _values(headers[0], name)
        _refuse(name, [h for h in headers if not np.allclose(_values(h, name), reference, atol=1e-4)])
    frame = uid_of(headers[0], "FrameOfReferenceUID")
    _refuse("FrameOfReferenceUID", [h for h in headers if uid_of(h, "FrameOfReferenceUID") != frame])


def _refuse(name: str, others: Sequence[Dataset]) -> None:
    if others:
        raise MixedSlices(f"{name} is not the same in all slices; look at {named(others)}", field_of(others[0], name))


def _values(header: Dataset, name: str) -> NDArray[np.float64]:
    values = numbers_of(header, name, NEEDED[name])
    assert values is not None
    return values


def _distance_mm(header: Dataset) -> float:
    return float(axes_of(_values(header, "ImageOrientationPatient"))[0] @ _values(header, "ImagePositionPatient"))


def _geometry(ordered: Sequence[Dataset]) -> Geometry:
    """The grid of slices in order; refuses a stack that is no grid."""
    first = ordered[0]
    if len(ordered) < 2:
        raise UnreadableSeries("the series has one slice only; a volume needs at least two")
    axes = axes_of(_values(first, "ImageOrientationPatient"))
    positions = np.asarray([_values(header, "ImagePositionPatient") for header in ordered])
    along = np.diff(positions, axis=0) @ axes[0]
    _require_even(ordered, along)
    _require_straight(ordered, positions, axes[0])
    row_mm, column_mm = _values(first, "PixelSpacing").tolist()
    x, y, z = positions[0].tolist()
    k, j, i = (tuple(axis) for axis in axes.tolist())
    shape = (len(ordered), int(first.Rows), int(first.Columns))
    return Geometry(shape, (float(along.mean()), row_mm, column_mm), (x, y, z), (k, j, i))


def _require_straight(ordered: Sequence[Dataset], positions: NDArray[np.float64], normal: NDArray[np.float64]) -> None:
    """Refuse slices shifted by more than `TILT_TOLERANCE` and `ROUNDING_MM` against the first, or the one before."""
    for reference in (positions[0], positions[:-1]):
        offsets = positions[1:] - reference
        along = offsets @ normal
        sideways = np.linalg.norm(offsets - np.outer(along, normal), axis=1)
        shifted = np.flatnonzero(sideways > TILT_TOLERANCE * along + ROUNDING_MM)
        if shifted.size:
            raise TiltedSlices(
                "the gantry was tilted (slices are shifted sideways); resample to a regular grid first",
                field_of(ordered[int(shifted[0]) + 1], "ImagePositionPatient"),
            )


def _require_even(ordered: Sequence[Dataset], along: NDArray[np.float64]) -> None:
    """Refuse steps that differ by more than `SPACING_TOLERANCE`, and by more than rounding makes."""
    step_mm = float(np.median(along))
    tolerance_mm = max(SPACING_TOLERANCE * step_mm, ROUNDING_MM)
    for (a, b), step in zip(pairwise(ordered), along.tolist(), strict=True):
        field = field_of(b, "ImagePositionPatient")
        if step < SPACING_TOLERANCE * step_mm or step <= 0:
            raise UnevenSlices(f"two slices lie at one place: {named([a, b])}", field)
        if abs(step - step_mm) > tolerance_mm:
            raise UnevenSlices(
                f"slices are missing or uneven: {step:.2f} mm between {named([a, b])}, {step_mm:.2f} mm elsewhere "
                f"(tolerance {SPACING_TOLERANCE:.0%}, {ROUNDING_MM} mm at least)",
                field,
            )
