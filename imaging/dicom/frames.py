"""Where the frames of a multi-frame object are, by their functional groups (PS3.3 C.7.6.16)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.instances import numbers_of
from imaging.dicom.stack import axes_of
from imaging.errors import UnreadableMarking
from imaging.geometry import Geometry

PLANE_TOLERANCE = 0.1
"""Largest distance of a frame from its place on the grid, as a share of a step along the normal or of a pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """
    Frames on a regular grid.

    Attributes:
        geometry: From the lowest to the highest frame along the normal.
        indices: Index along the first axis, of each frame.
    """

    geometry: Geometry
    indices: tuple[int, ...]


def group_of(dataset: Dataset, frame: int, keyword: str) -> Dataset:
    """A functional group of a frame: its own, or else the one that all frames share; an absent one has no attribute."""
    own = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    shared = dataset.get("SharedFunctionalGroupsSequence") or ()
    for groups in (*own[frame : frame + 1], *shared):
        if items := groups.get(keyword):
            return items[0]  # type: ignore[no-any-return]
    return Dataset()


def planes_of(dataset: Dataset, frames: Sequence[int], ct: Geometry) -> Planes:
    """
    The grid of frames, which may come in any order and leave planes out.

    Args:
        dataset: A multi-frame object.
        frames: Indices of the frames that matter; at least one.
        ct: Where the CT's voxels are. Its step is taken where frames lie on its slices, so that planes may be missing.

    Raises:
        UnreadableMarking: an attribute is missing, or the frames differ in orientation or spacing, or are uneven.
    """
    orientation = _same(dataset, frames, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    row_mm, column_mm = _same(dataset, frames, "PixelMeasuresSequence", "PixelSpacing", 2).tolist()
    positions = np.asarray(
        [_numbers(dataset, n, "PlanePositionSequence", "ImagePositionPatient", 3) for n in frames], dtype=np.float64
    )
    axes = axes_of(orientation)
    along = positions @ axes[0]
    lowest = int(along.argmin())
    sideways = (positions - positions[lowest]) @ axes[1:].T
    if (np.abs(sideways) > PLANE_TOLERANCE * np.asarray([row_mm, column_mm])).any():
        worst = frames[int(np.abs(sideways).max(axis=1).argmax())] + 1
        raise UnreadableMarking(
            f"frame {worst} is shifted sideways against the others", f"marking.frames[{worst}].ImagePositionPatient"
        )
    offsets = along - along[lowest]
    thickness = numbers_of(group_of(dataset, frames[0], "PixelMeasuresSequence"), "SliceThickness", 1)
    likely_mm = list(_steps_mm(dataset, frames[0], axes[0], positions[lowest], ct))
    step_mm = _step_mm(offsets, likely_mm, None if thickness is None else float(thickness[0]))
    indices = np.rint(offsets / step_mm).astype(int)
    x, y, z = positions[lowest].tolist()
    k, j, i = (tuple(axis) for axis in axes.tolist())
    shape = (int(indices.max()) + 1, int(dataset.Rows), int(dataset.Columns))
    return Planes(Geometry(shape, (step_mm, row_mm, column_mm), (x, y, z), (k, j, i)), tuple(indices.tolist()))


def _steps_mm(
    dataset: Dataset, frame: int, normal: NDArray[np.float64], origin: NDArray[np.float64], ct: Geometry
) -> Iterator[float]:
    """What the step from plane to plane may be by what is written, and by the CT's slices."""
    spacing = numbers_of(group_of(dataset, frame, "PixelMeasuresSequence"), "SpacingBetweenSlices", 1)
    if spacing is not None and spacing[0] > 0:
        yield float(spacing[0])
    offset = ct.indices_at([origin])[0, 0]
    if abs(normal @ ct.direction[0]) > 1 - 1e-6 and abs(offset - round(offset)) <= PLANE_TOLERANCE:
        yield ct.spacing_mm[0]


def _step_mm(offsets: NDArray[np.float64], likely_mm: Sequence[float], thickness_mm: float | None) -> float:
    """
    The step from plane to plane of which every offset is a multiple.

    Where several likely ones would do, the largest: too small a step would leave empty planes between frames that
    touch. Where none does, the smallest gap between two frames; for a lone plane, its thickness.
    """
    gaps = np.diff(np.unique(offsets.round(3)))
    candidates = sorted(likely_mm, reverse=True) + [float(gap) for gap in np.sort(gaps)[:1]]
    if thickness_mm:
        candidates.append(thickness_mm)
    for step_mm in candidates:
        steps = offsets / step_mm
        if (np.abs(steps - np.rint(steps)) <= PLANE_TOLERANCE).all():
            return step_mm
    raise UnreadableMarking("the frames of the segmentation are uneven: they lie on no regular grid", "marking.frames")


def _numbers(dataset: Dataset, frame: int, group: str, keyword: str, count: int) -> NDArray[np.float64]:
    values = numbers_of(group_of(dataset, frame, group), keyword, count)
    if values is None:
        raise UnreadableMarking(f"frame {frame + 1} lacks {keyword}", f"marking.frames[{frame + 1}].{keyword}")
    return values


def _same(dataset: Dataset, frames: Sequence[int], group: str, keyword: str, count: int) -> NDArray[np.float64]:
    """The value that all frames share."""
    first = _numbers(dataset, frames[0], group, keyword, count)
    for frame in frames[1:]:
        if not np.allclose(_numbers(dataset, frame, group, keyword, count), first, atol=1e-4):
            field = f"marking.frames[{frame + 1}].{keyword}"
            raise UnreadableMarking(f"{keyword} is not the same in all frames; look at frame {frame + 1}", field)
    return first
