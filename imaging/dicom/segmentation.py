"""DICOM segmentations (PS3.3 A.51 and C.8.20): binary, fractional, and label maps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.utils import iter_pixels, unpack_bits

from imaging.dicom.codestream import require_coded_size
from imaging.dicom.frames import Groups, Planes, planes_of
from imaging.dicom.instances import items_of, uid_of, whole_number
from imaging.dicom.layers import Layer, Marked, chosen, merged
from imaging.dicom.stack import require_size
from imaging.dicom.study import Mark
from imaging.errors import UnreadableMarking
from imaging.geometry import Geometry


@dataclass(frozen=True, slots=True)
class _Frame:
    index: int
    segment: int | None


def read_segmentation(seg: FileDataset, names: Sequence[str], ct: Geometry, max_voxels: int | None = None) -> Marked:
    """
    What a segmentation marks, on a grid of its own; frames are placed by their Plane Position (Patient).

    Fractional segments reach to where they are one half of Maximum Fractional Value.

    Args:
        seg: A SEG with its pixels.
        names: Segment Labels to read; all where there is none.
        ct: Where the CT's voxels are; it decides how thick a lone frame is.
        max_voxels: Largest grid of its own; None is any.

    Raises:
        TooManyVoxels: its grid is larger.
        UnknownMark: there is no segment of such a name.
        UnreadableMarking: an attribute is missing, frames make no grid, or pixels cannot be decoded.
    """
    kind = str(seg.get("SegmentationType", ""))
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise UnreadableMarking("the segmentation does not say whether it is binary, fractional or a label map")
    items = items_of(seg, "SegmentSequence")
    segments = {whole_number(item, "SegmentNumber", "marking.segments"): item for item in items}
    marks = {
        number: _mark(rank, segments[number]) for rank, number in enumerate(sorted(segments.keys() - {0}), start=1)
    }
    wanted = chosen(list(marks.values()), names)
    groups = Groups.of(seg)
    frames = _frames(seg, kind, groups, {number for number, mark in marks.items() if mark in wanted})
    if not frames:
        raise UnreadableMarking("nothing is marked: the segmentation has no frame of these segments", "marking")
    rows, columns = (whole_number(seg, keyword, "marking") for keyword in ("Rows", "Columns"))
    planes = planes_of(groups, [frame.index for frame in frames], (rows, columns), ct)
    require_size(planes.geometry, max_voxels, "segmentation")
    half = whole_number(seg, "MaximumFractionalValue", "marking") / 2 if kind == "FRACTIONAL" else 0.5
    voxels = _voxels(frames, planes, _pixels(seg, frames, rows, columns), half)
    nothing = np.empty(0, dtype=np.int64)
    layers = [Layer(mark, voxels.get(number, nothing)) for number, mark in marks.items() if mark in wanted]
    return merged(layers, planes.geometry)


def _mark(rank: int, item: Dataset) -> Mark:
    return Mark(rank, str(item.get("SegmentLabel") or f"segment {rank}"), uid_of(item, "TrackingUID"))


def _frames(seg: Dataset, kind: str, groups: Groups, wanted: set[int]) -> list[_Frame]:
    """The frames that may hold one of the segments; in a label map each may."""
    indices = range(whole_number(seg, "NumberOfFrames", "marking"))
    if kind == "LABELMAP":
        return [_Frame(index, None) for index in indices]
    frames = [_Frame(index, _segment(groups, index)) for index in indices]
    return [frame for frame in frames if frame.segment in wanted]


def _segment(groups: Groups, index: int) -> int:
    group = groups.group(index, "SegmentIdentificationSequence")
    return whole_number(group, "ReferencedSegmentNumber", f"marking.frames[{index + 1}]")


def _voxels(
    frames: Sequence[_Frame], planes: Planes, pixels: Iterable[NDArray[Any]], half: float
) -> dict[int, NDArray[np.int64]]:
    """Flat indices into the grid, by segment number; none twice, even if several frames show one plane."""
    parts: dict[int, dict[int, NDArray[np.int64]]] = {}
    for frame, k, plane in zip(frames, planes.indices, pixels, strict=True):
        for number, inside in _segments(frame, plane, half):
            own, voxels = parts.setdefault(number, {}), np.flatnonzero(inside) + k * plane.size
            own[k] = np.union1d(own[k], voxels) if k in own else voxels
    return {number: np.concatenate(list(own.values())) for number, own in parts.items()}


def _segments(frame: _Frame, pixels: NDArray[Any], half: float) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Which segments a frame shows, and where."""
    if frame.segment is None:
        for value in np.unique(pixels).tolist():
            yield value, pixels == value
    else:
        yield frame.segment, pixels >= half


def _pixels(seg: Dataset, frames: Sequence[_Frame], rows: int, columns: int) -> Iterator[NDArray[Any]]:
    """The pixels of frames, (rows, columns) each, one at a time."""
    try:
        compressed = seg.file_meta.TransferSyntaxUID.is_compressed
        if compressed:
            require_coded_size(seg)
        if seg.BitsAllocated == 1 and not compressed:
            yield from (_unpacked(seg.PixelData, frame.index, rows, columns) for frame in frames)
        else:
            yield from iter_pixels(seg, indices=[frame.index for frame in frames], raw=True)
    except Exception as error:  # Each of pydicom's decoders has errors of its own.
        raise UnreadableMarking("the pixels of the segmentation cannot be decoded", "marking.PixelData") from error


def _unpacked(content: bytes, index: int, rows: int, columns: int) -> NDArray[np.uint8]:
    """One frame of single bits; frames follow each other without padding (PS3.5 8.1.1), so one may begin in a byte."""
    size = rows * columns
    start, stop = index * size, (index + 1) * size
    bits = np.asarray(unpack_bits(content[start // 8 : -(-stop // 8)], as_array=True))
    return bits[start % 8 : start % 8 + size].reshape(rows, columns)
