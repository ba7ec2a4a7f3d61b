"""
CT series in DICOM files.

Slices are ordered by their place along the slice normal, never by instance number or file name. What is wrong with a
series is said in its instance numbers; no identifier of the patient is ever part of a message.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError

from imaging.errors import NoCtImage, UnevenSlices, UnreadableSeries
from imaging.geometry import Geometry
from imaging.volume import Volume

SPACING_TOLERANCE = 0.01
"""Largest difference between two steps from slice to slice, as a share of the median step."""

TILT_TOLERANCE = 0.001
"""Largest sideways part of a step, as a share of the step; more is a tilted gantry or a sheared series."""

NEEDED = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "RescaleSlope",
    "RescaleIntercept",
    "Rows",
    "Columns",
)
"""Attributes without which a slice has no place or no Hounsfield units."""


def read_series(folder: Path) -> Volume:
    """
    Read the one CT series below a folder, in HU.

    Files that are no DICOM images of modality CT (a DICOMDIR, a segmentation, a structure set) are passed over.
    Series Instance UIDs may be empty, as de-identification leaves them: all such slices are one series.

    Raises:
        NoCtImage: there is no CT.
        UnevenSlices: slices are missing, doubled or uneven.
        UnreadableSeries: there is more than one series; slices are tilted or of different kinds; an attribute or the
            pixels cannot be read.
    """
    if not folder.is_dir():
        raise UnreadableSeries(f"{folder}: no such folder")
    slices = _one_series(_ct_slices(folder), folder)
    _require_attributes(slices)
    _require_one_value(slices, "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")
    ordered = sorted(slices, key=_distance_mm)
    geometry = _geometry(ordered)
    return Volume(_hounsfield(ordered), geometry)


def _ct_slices(folder: Path) -> list[FileDataset]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "DICOMDIR":
            try:
                dataset = pydicom.dcmread(path)
            except (InvalidDicomError, EOFError):
                continue
            if dataset.get("Modality") == "CT":
                found.append(dataset)
    return found


def _one_series(slices: list[FileDataset], folder: Path) -> list[FileDataset]:
    if not slices:
        raise NoCtImage(f"{folder}: holds no CT image in DICOM format; name a folder with exactly one CT series")
    series_count = len({str(s.get("SeriesInstanceUID", "")) for s in slices})
    if series_count > 1:
        raise UnreadableSeries(f"{folder}: holds {series_count} CT series; name a folder with exactly one CT series")
    return slices


def _require_attributes(slices: Iterable[FileDataset]) -> None:
    for dataset in slices:
        if int(dataset.get("NumberOfFrames") or 1) > 1:
            raise UnreadableSeries(f"{_named([dataset])} has several frames; export the series as classic CT images")
        if missing := [name for name in NEEDED if dataset.get(name) in (None, "")]:
            raise UnreadableSeries(f"{_named([dataset])} lacks {', '.join(missing)}")


def _require_one_value(slices: Sequence[FileDataset], *names: str) -> None:
    for name in names:
        reference = np.asarray(slices[0].get(name), dtype=np.float64)
        others = [s for s in slices if not np.allclose(np.asarray(s.get(name), dtype=np.float64), reference, atol=1e-4)]
        if others:
            raise UnreadableSeries(f"{name} is not the same in all slices; look at {_named(others)}")


def _axes(dataset: FileDataset) -> NDArray[np.float64]:
    """LPS unit vectors of slices, rows and columns, (3, 3) (PS3.3 C.7.6.2.1.1)."""
    orientation = np.asarray(dataset.ImageOrientationPatient, dtype=np.float64)
    along_row, along_column = orientation[:3], orientation[3:]
    return np.stack([np.cross(along_row, along_column), along_column, along_row])


def _position_mm(dataset: FileDataset) -> NDArray[np.float64]:
    return np.asarray(dataset.ImagePositionPatient, dtype=np.float64)


def _distance_mm(dataset: FileDataset) -> float:
    return float(_axes(dataset)[0] @ _position_mm(dataset))


def _geometry(ordered: Sequence[FileDataset]) -> Geometry:
    """The grid of slices in order; refuses a stack that is no grid."""
    first = ordered[0]
    if len(ordered) < 2:
        raise UnreadableSeries("the series has one slice only; a volume needs at least two")
    steps = np.asarray([_position_mm(b) - _position_mm(a) for a, b in pairwise(ordered)])
    along = steps @ _axes(first)[0]
    step_mm = float(np.median(along))
    for (a, b), step in zip(pairwise(ordered), along, strict=True):
        if step < SPACING_TOLERANCE * step_mm or step <= 0:
            raise UnevenSlices(f"two slices lie at one place: {_named([a, b])}")
        if abs(step - step_mm) > SPACING_TOLERANCE * step_mm:
            raise UnevenSlices(
                f"slices are missing or uneven: {step:.2f} mm between {_named([a, b])}, {step_mm:.2f} mm elsewhere"
            )
    sideways = np.linalg.norm(steps - np.outer(along, _axes(first)[0]), axis=1)
    if sideways.max() > TILT_TOLERANCE * step_mm:
        raise UnreadableSeries("the gantry was tilted (slices are shifted sideways); resample to a regular grid first")
    row_mm, column_mm = map(float, first.PixelSpacing)
    x, y, z = _position_mm(first).tolist()
    k, j, i = (tuple(axis) for axis in _axes(first).tolist())
    shape = (len(ordered), int(first.Rows), int(first.Columns))
    mean_step_mm = float(along.mean())
    return Geometry(shape, (mean_step_mm, row_mm, column_mm), (x, y, z), (k, j, i))


def _hounsfield(ordered: Sequence[FileDataset]) -> NDArray[np.int16] | NDArray[np.float32]:
    """HU of all slices (modality transform, PS3.3 C.11.1), int16 where that loses nothing, else float32."""
    planes = [_plane_hu(dataset) for dataset in ordered]
    hu = np.stack(planes)
    whole = hu.astype(np.int16)
    return whole if np.array_equal(whole, hu) else hu


def _plane_hu(dataset: FileDataset) -> NDArray[np.float32]:
    try:
        stored = dataset.pixel_array
    except Exception as error:  # Each of pydicom's decoders has errors of its own.
        raise UnreadableSeries(f"the pixels of {_named([dataset])} cannot be decoded") from error
    hu: NDArray[np.float32] = (stored * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)).astype(
        np.float32
    )
    return hu


def _named(slices: Iterable[FileDataset]) -> str:
    numbers = [str(s.get("InstanceNumber", "without number")) for s in slices]
    rest = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return "instance " + ", ".join(numbers[:5]) + rest
