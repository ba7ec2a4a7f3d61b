"""RT structure sets (PS3.3 C.8.8.5 and C.8.8.6): contours in patient space, filled on the CT's grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.instances import items_of, uid_of
from imaging.dicom.layers import Layer, Marked, chosen, merged
from imaging.dicom.polygons import filled
from imaging.dicom.study import Mark
from imaging.errors import OtherFrame, UnreadableMarking
from imaging.geometry import Geometry

FLATNESS = 0.1
"""Largest difference across the slices between points of a contour, or contours of one slice, as a share of a step."""

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Contour Geometric Types that enclose something."""


@dataclass(frozen=True, slots=True, eq=False)
class _Contour:
    """
    A closed contour on the CT's grid.

    Attributes:
        number: Its place in the contours of its ROI, from 1.
        depth: Where it is along the slices, as a fractional index.
        vertices: (n, 2), fractional (row, column).
    """

    number: int
    depth: float
    vertices: NDArray[np.float64]


def read_structures(structures: Dataset, names: Sequence[str], ct: Geometry, frame_uid: str) -> Marked:
    """
    What a structure set marks, on the CT's grid: the voxels whose centres its contours enclose.

    Contours of one slice are filled together by the even-odd rule, so that holes stay holes. Each contour belongs to
    the slice nearest to its plane, half a step away at most. Slices between contours are left as they were drawn.

    Args:
        structures: An RTSTRUCT.
        names: ROI Names to read; all where there is none.
        ct: Where the CT's voxels are.
        frame_uid: The CT's Frame of Reference UID, or empty.

    Raises:
        UnknownMark: there is no ROI of such a name.
        OtherFrame: a ROI lies in another frame of reference.
        UnreadableMarking: contours are not closed, not parallel to the slices, outside the CT, or were drawn on
            slices of another distance.
    """
    rois = items_of(structures, "StructureSetROISequence")
    contours = {int(item.ReferencedROINumber): item for item in items_of(structures, "ROIContourSequence")}
    marks = [
        Mark(n, str(roi.get("ROIName") or f"ROI {n}"), uid_of(roi, "TrackingUID")) for n, roi in enumerate(rois, 1)
    ]
    layers: list[Layer] = []
    notices: list[str] = []
    for mark in chosen(marks, names):
        roi = rois[mark.label - 1]
        drawn = items_of(contours.get(int(roi.ROINumber), Dataset()), "ContourSequence")
        if not names and drawn and not any(_is_closed(item) for item in drawn):
            notices.append(f"{mark.name}: passed over, it has points or open lines only")
            continue
        _require_frame(roi, mark, frame_uid)
        slices = _by_slice([_contour(item, n, mark, ct) for n, item in enumerate(drawn, 1)], mark, ct)
        notices += _gaps(sorted(slices), mark)
        layers.append(Layer(mark, _voxels(slices, ct)))
    marked = merged(layers, ct)
    return Marked(marked.mask, marked.marks, (*notices, *marked.notices))


def _is_closed(contour: Dataset) -> bool:
    return contour.get("ContourGeometricType") in CLOSED


def _require_frame(roi: Dataset, mark: Mark, frame_uid: str) -> None:
    own = uid_of(roi, "ReferencedFrameOfReferenceUID")
    if own and frame_uid and own != frame_uid:
        raise OtherFrame(
            f"'{mark.name}' lies in another frame of reference than the CT; register it with the CT first",
            _field(mark, "ReferencedFrameOfReferenceUID"),
        )


def _contour(item: Dataset, number: int, mark: Mark, ct: Geometry) -> _Contour:
    if not _is_closed(item):
        raise UnreadableMarking(
            f"contour {number} of '{mark.name}' is a point or an open line; it must be a closed planar contour",
            _field(mark, f"contours[{number}].ContourGeometricType"),
        )
    field = _field(mark, f"contours[{number}].ContourData")
    try:
        points = np.asarray(item.ContourData, dtype=np.float64).reshape(-1, 3)
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableMarking(f"contour {number} of '{mark.name}' has no readable points", field) from error
    if len(points) < 3 or not np.isfinite(points).all():
        raise UnreadableMarking(f"contour {number} of '{mark.name}' has fewer than three readable points", field)
    indices = ct.indices_at(points)
    depth = float(indices[:, 0].mean())
    if np.ptp(indices[:, 0]) > FLATNESS:
        raise UnreadableMarking(f"contour {number} of '{mark.name}' is not parallel to the slices of the CT", field)
    if not -0.5 <= depth <= ct.shape[0] - 0.5:
        raise UnreadableMarking(
            f"contour {number} of '{mark.name}' lies beyond the slices of the CT; send the whole series", field
        )
    return _Contour(number, depth, indices[:, 1:])


def _by_slice(contours: Sequence[_Contour], mark: Mark, ct: Geometry) -> dict[int, list[_Contour]]:
    """Contours by the slice that is nearest; refuses contours of several planes on one slice."""
    slices: dict[int, list[_Contour]] = {}
    for contour in contours:
        k = min(max(round(contour.depth), 0), ct.shape[0] - 1)
        beside = slices.setdefault(k, [])
        if beside and abs(beside[0].depth - contour.depth) > FLATNESS:
            raise UnreadableMarking(
                f"contours {beside[0].number} and {contour.number} of '{mark.name}' lie at different heights of one "
                "slice: it was drawn on another series; send the CT on which it was drawn",
                _field(mark, f"contours[{contour.number}].ContourData"),
            )
        beside.append(contour)
    return slices


def _gaps(slices: Sequence[int], mark: Mark) -> list[str]:
    """A notice where slices between contours are not drawn; refuses what is drawn on no two slices side by side."""
    steps = [b - a for a, b in pairwise(slices)]
    if len(steps) > 1 and min(steps) > 1:
        raise UnreadableMarking(
            f"'{mark.name}' is drawn on no two slices side by side; interpolate the slices between first",
            _field(mark, "contours"),
        )
    undrawn = f"{mark.name}: slices between its contours are not drawn; they are left unmarked"
    return [undrawn] if max(steps, default=1) > 1 else []


def _voxels(slices: dict[int, list[_Contour]], ct: Geometry) -> NDArray[np.int64]:
    """Flat indices of what contours enclose."""
    _, rows, columns = ct.shape
    parts = [
        np.flatnonzero(filled([contour.vertices for contour in group], rows, columns)) + k * rows * columns
        for k, group in sorted(slices.items())
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _field(mark: Mark, path: str) -> str:
    return f"marking.rois[{mark.label}].{path}"
