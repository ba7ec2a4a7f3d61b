"""RT structure sets (PS3.3 C.8.8.5 and C.8.8.6): contours in patient space, filled on the CT's grid."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.contours import Contour, contours_of, is_closed, is_speck
from imaging.dicom.instances import items_of, uid_of, whole_number
from imaging.dicom.layers import Layer, Marked, chosen, merged
from imaging.dicom.polygons import filled
from imaging.dicom.study import Mark
from imaging.errors import OtherFrame, UnreadableMarking
from imaging.geometry import Geometry


def read_structures(structures: Dataset, names: Sequence[str], slices: Sequence[Dataset], ct: Geometry) -> Marked:
    """
    What a structure set marks, on the CT's grid: the voxels whose centres its contours enclose.

    Contours of one slice are filled together by the even-odd rule, so that holes stay holes. Each contour belongs to
    the slice nearest to its plane, half a step away at most. Slices between contours are left as they were drawn. ROIs
    without closed contours are passed over unless they are asked for by name.

    Args:
        structures: An RTSTRUCT.
        names: ROI Names to read; all where there is none.
        slices: Headers of the CT, in order.
        ct: Where the CT's voxels are.

    Raises:
        UnknownMark: there is no ROI of such a name.
        OtherFrame: a ROI lies in another frame of reference.
        UnreadableMarking: contours are not closed, not parallel to the slices, not on the slice that they name, beyond
            the CT, or were drawn on slices of another distance.
    """
    rois = items_of(structures, "StructureSetROISequence")
    marks = [Mark(n, str(roi.get("ROIName") or f"ROI {n}")) for n, roi in enumerate(rois, start=1)]
    outlines = {
        whole_number(item, "ReferencedROINumber", "marking.rois"): items_of(item, "ContourSequence")
        for item in items_of(structures, "ROIContourSequence")
    }
    layers: list[Layer] = []
    notices: list[str] = []
    for mark in chosen(marks, names):
        roi = rois[mark.label - 1]
        drawn = outlines.get(whole_number(roi, "ROINumber", f"marking.rois[{mark.label}]"), [])
        if drawn and not names and not any(map(is_closed, drawn)):
            notices.append(f"'{mark.name}' was passed over: it has points or open lines only")
            continue
        _require_frame(roi, mark, uid_of(slices[0], "FrameOfReferenceUID"))
        whole = [item for item in drawn if not is_speck(item)]
        if len(whole) < len(drawn):
            notices.append(f"contours of '{mark.name}' were passed over: they have one or two points")
        contours = contours_of(whole, mark, slices, ct)
        notices += _gaps(sorted(contours), mark)
        layers.append(Layer(mark, _voxels(contours, ct)))
    marked = merged(layers, ct)
    return Marked(marked.mask, marked.marks, (*notices, *marked.notices))


def _require_frame(roi: Dataset, mark: Mark, frame_uid: str) -> None:
    own = uid_of(roi, "ReferencedFrameOfReferenceUID")
    if own and frame_uid and own != frame_uid:
        raise OtherFrame(
            f"'{mark.name}' lies in another frame of reference than the CT; register it with the CT, or export it in "
            "the frame of reference of the CT",
            f"marking.rois[{mark.label}].ReferencedFrameOfReferenceUID",
        )


def _gaps(slices: Sequence[int], mark: Mark) -> list[str]:
    """A notice where slices between contours are not drawn; refuses what is drawn on no two slices side by side."""
    steps = [b - a for a, b in pairwise(slices)]
    if len(steps) > 1 and min(steps) > 1:
        raise UnreadableMarking(
            f"'{mark.name}' is drawn on no two slices side by side; interpolate the slices between first",
            f"marking.rois[{mark.label}].ContourSequence",
        )
    undrawn = f"'{mark.name}' is not drawn on some slices between its contours; they are left unmarked"
    return [undrawn] if max(steps, default=1) > 1 else []


def _voxels(contours: Mapping[int, Sequence[Contour]], ct: Geometry) -> NDArray[np.int64]:
    """Flat indices of what contours enclose."""
    _, rows, columns = ct.shape
    parts = [
        np.flatnonzero(filled([contour.vertices for contour in beside], rows, columns)) + k * rows * columns
        for k, beside in sorted(contours.items())
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
