"""Where the frames of a multi-frame object are, by their functional groups (PS3.3 C.7.6.16)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.instances import items_of, numbers_of
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


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """
    The functional groups of a multi-frame object.

    Attributes:
        own: Those of each frame.
        shared: Those of all frames.
    """

    own: Sequence[Dataset]
    shared: Sequence[Dataset]

    @classmethod
    def of(cls, dataset: Dataset) -> "Groups":
        """The functional groups of an object."""
        own, shared = "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"
        return cls(items_of(dataset, own), items_of(dataset, shared))

    def group(self, frame: int, keyword: str) -> Dataset:
        """A group of a frame: its own, or else the shared one; an absent group has no attributes."""
        for groups in (*self.own[frame : frame + 1], *self.shared):
            if items := items_of(groups, keyword):
                return items[0]
        return Dataset()

    def numbers(self, frame: int, keyword: str, attribute: str, count: int) -> NDArray[np.float64]:
        """
        The ``count`` numbers of an attribute of a frame.

        Raises:
            UnreadableMarking: it has no such value.
        """
        values = numbers_of(self.group(frame, keyword), attribute, count)
        if values is None:
            raise UnreadableMarking(f"frame {frame + 1} lacks {attribute}", _field(frame, attribute))
        return values

    def shared_numbers(self, frames: Sequence[int], keyword: str, attribute: str, count: int) -> NDArray[np.float64]:
        """
        Likewise of several frames, which must have the same.

        Raises:
            UnreadableMarking: one has no such value, or another.
        """
        first = self.numbers(frames[0], keyword, attribute, count)
        for frame in frames[1:]:
            if not np.allclose(self.numbers(frame, keyword, attribute, count), first, atol=1e-4):
                raise UnreadableMarking(
                    f"{attribute} is not the same in all frames; look at frame {frame + 1}", _field(frame, attribute)
                )
        return first


def planes_of(groups: Groups, frames: Sequence[int], size: tuple[int, int], ct: Geometry) -> Planes:
    """
    The grid of frames, which may come in any order and leave planes out.

    Args:
        groups: Of a multi-frame object.
        frames: Indices of the frames that matter; at least one.
        size: Rows and columns of a frame.
        ct: Where the CT's voxels are. Its step is taken where frames lie on its slices, so that planes may be missing.

    Raises:
        UnreadableMarking: an attribute is missing, or the frames differ in orientation or spacing, or are uneven.
    """
    row_mm, column_mm = groups.shared_numbers(frames, "PixelMeasuresSequence", "PixelSpacing", 2).tolist()
    axes = axes_of(groups.shared_numbers(frames, "PlaneOrientationSequence", "ImageOrientationPatient", 6))
    position = "PlanePositionSequence", "ImagePositionPatient", 3
    positions = np.asarray([groups.numbers(frame, *position) for frame in frames])
    along = positions @ axes[0]
    lowest = int(along.argmin())
    sideways = (positions - positions[lowest]) @ axes[1:].T
    if (np.abs(sideways) > PLANE_TOLERANCE * np.asarray([row_mm, column_mm])).any():
        worst = frames[int(np.abs(sideways).max(axis=1).argmax())]
        raise UnreadableMarking(
            f"frame {worst + 1} is shifted sideways against the others", _field(worst, "ImagePositionPatient")
        )
    offsets = along - along[lowest]
    thickness = numbers_of(groups.group(frames[0], "PixelMeasuresSequence"), "SliceThickness", 1)
    likely_mm = list(_steps_mm(groups.group(frames[0], "PixelMeasuresSequence"), axes[0], positions[lowest], ct))
    step_mm = _step_mm(offsets, likely_mm, None if thickness is None else float(thickness[0]))
    indices = np.rint(offsets / step_mm).astype(int)
    x, y, z = positions[lowest].tolist()
    k, j, i = (tuple(axis) for axis in axes.tolist())
    return Planes(
        Geometry((int(indices.max()) + 1, *size), (step_mm, row_mm, column_mm), (x, y, z), (k, j, i)),
        tuple(indices.tolist()),
    )


def _steps_mm(
    measures: Dataset, normal: NDArray[np.float64], origin: NDArray[np.float64], ct: Geometry
) -> Iterator[float]:
    """What the step from plane to plane may be by what is written, and by the CT's slices."""
    spacing = numbers_of(measures, "SpacingBetweenSlices", 1)
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
    what = "are uneven: they lie on no regular grid" if gaps.size else "do not say how thick they are"
    raise UnreadableMarking(f"the frames of the segmentation {what}", "marking.frames")


def _field(frame: int, attribute: str) -> str:
    return f"marking.frames[{frame + 1}].{attribute}"
