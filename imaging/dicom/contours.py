"""Closed contours of an RT structure set (PS3.3 C.8.8.6) on the slices of a CT."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.dicom.instances import items_of, named, uid_of
from imaging.dicom.study import Mark
from imaging.errors import UnreadableMarking
from imaging.geometry import Geometry

FLATNESS = 0.1
"""Largest difference across the slices between points of a contour, or contours of one slice, as a share of a step."""

HALF = 0.501
"""Farthest that a contour may lie from its slice, in steps: half-way, and what rounding adds."""

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Contour Geometric Types (3006,0042) that enclose something."""


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
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


def is_closed(item: Dataset) -> bool:
    """Whether a contour encloses something."""
    return item.get("ContourGeometricType") in CLOSED


def is_speck(item: Dataset) -> bool:
    """Whether a contour is closed and has one or two points, which enclose nothing: some systems leave such behind."""
    return is_closed(item) and len(_numbers(item)) in (3, 6)


def contours_of(
    drawn: Sequence[Dataset], mark: Mark, slices: Sequence[Dataset], ct: Geometry
) -> dict[int, list[Contour]]:
    """
    The contours of one ROI by the slice that is nearest to their plane, the next where two are.

    Args:
        drawn: Items of its Contour Sequence.
        mark: What they outline.
        slices: Headers of the CT, in order.
        ct: Where the CT's voxels are.

    Raises:
        UnreadableMarking: one is not closed, not parallel to the slices, beyond them, or not on the slice that it
            names; or several lie at different heights of one slice.
    """
    places = {uid: k for k, header in enumerate(slices) if (uid := uid_of(header, "SOPInstanceUID"))}
    found: dict[int, list[Contour]] = {}
    for number, item in enumerate(drawn, start=1):
        contour = _contour(item, number, mark, ct)
        for image in items_of(item, "ContourImageSequence"):
            k = places.get(uid_of(image, "ReferencedSOPInstanceUID"), contour.depth)
            if abs(contour.depth - k) > HALF:
                raise _fault(number, mark, f"names {named([slices[int(k)]])}, and does not lie on it")
        beside = found.setdefault(min(max(floor(contour.depth + HALF), 0), ct.shape[0] - 1), [])
        if beside and abs(beside[0].depth - contour.depth) > FLATNESS:
            raise _fault(
                number,
                mark,
                f"lies at another height of the same slice than contour {beside[0].number}: they were drawn on "
                "thinner slices; send the series that has them",
            )
        beside.append(contour)
    return found


def _contour(item: Dataset, number: int, mark: Mark, ct: Geometry) -> Contour:
    if not is_closed(item):
        raise _fault(number, mark, "is a point or an open line; only closed planar contours enclose a node")
    try:
        points = _points(item)
    except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
        raise _fault(number, mark, "has no readable points") from error
    if len(points) < 3 or not np.isfinite(points).all():
        raise _fault(number, mark, "has fewer than three readable points")
    indices = ct.indices_at(points)
    depth = float(indices[:, 0].mean())
    if np.ptp(indices[:, 0]) > FLATNESS:
        raise _fault(number, mark, "is not parallel to the slices of the CT")
    if not -HALF <= depth <= ct.shape[0] - 1 + HALF:
        raise _fault(number, mark, "lies beyond the slices of the CT; send the whole series")
    return Contour(number, depth, indices[:, 1:])


def _points(item: Dataset) -> NDArray[np.float64]:
    """LPS points, (n, 3)."""
    return np.asarray(_numbers(item)).astype(np.float64).reshape(-1, 3)


def _numbers(item: Dataset) -> Sequence[Any]:
    """
    The values of Contour Data, as text where they come from a file.

    Not by pydicom, which would make an object of each number: a structure set may hold millions.
    """
    value = getattr(item.get_item("ContourData"), "value", None) or ()
    return value.split(b"\\") if isinstance(value, bytes) else value


def _fault(number: int, mark: Mark, what: str) -> UnreadableMarking:
    field = f"marking.rois[{mark.label}].contours[{number}]"
    return UnreadableMarking(f"contour {number} of '{mark.name}' {what}", field)
