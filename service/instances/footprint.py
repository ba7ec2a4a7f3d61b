"""What DICOM instances take in memory, as their headers say."""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from imaging.dicom.instances import Instance, numbers_of
from imaging.dicom.reader import SEGMENTATIONS
from imaging.dicom.series import series_of
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.options import ClassifyOptions, HeatmapOutput

FLOAT32_BYTES = 4

FRAME_BYTES = 64
"""A frame takes more in its file, by its place alone: whoever claims more frames, lies."""

RESULT_COPIES = 3
"""Of a heat map on the CT's grid, while objects are made of it."""


def bytes_expected(byte_count: int) -> int:
    """Bytes that instances are likely to take, of which nothing but the size is known: as sent, and as much again."""
    return 2 * byte_count


def bytes_taken(
    instances: Sequence[Instance], byte_count: int, limit_bytes: int, options: ClassifyOptions, has_results: bool
) -> int:
    """
    Bytes that instances take while they are answered: as sent, CT and mask, the heat map of the CT, and objects.

    Args:
        instances: Their headers.
        byte_count: As sent.
        limit_bytes: Largest CT and mask.
        options: Choices of the caller.
        has_results: Whether DICOM objects are made.

    Raises:
        NoCtImage: there is no CT.
        InvalidRequest: a header claims what its file cannot hold.
        RequestTooLarge: CT and mask take more than is allowed.
    """
    series = series_of(instances).values()
    voxel_count = max(sum(_pixel_count(slice_.header) for slice_ in slices) for slices in series)
    label_count = max((_label_count(each) for each in instances if _is_segmentation(each)), default=voxel_count)
    is_whole = all(_is_whole(slice_.header) for slices in series for slice_ in slices)
    decoded = voxel_count * (2 if is_whole else FLOAT32_BYTES) + label_count
    if decoded > limit_bytes:
        raise RequestTooLarge(f"CT and mask take {decoded} bytes, this server takes {limit_bytes}; send a smaller part")
    maps = (options.heatmap_output is HeatmapOutput.VOLUME or has_results) + RESULT_COPIES * has_results
    return byte_count + decoded + maps * voxel_count * FLOAT32_BYTES


def _is_segmentation(instance: Instance) -> bool:
    return instance.header.get("SOPClassUID") in SEGMENTATIONS


def _label_count(segmentation: Instance) -> int:
    frame_count, source = _frame_count(segmentation.header), segmentation.source
    if isinstance(source, bytes) and frame_count > 1 + len(source) // FRAME_BYTES:
        raise InvalidRequest(
            "marking.NumberOfFrames", "the file is too small for so many frames", Reason.INVALID_MARKING
        )
    return _pixel_count(segmentation.header)


def _pixel_count(header: Dataset) -> int:
    return _count(header, "Rows", 0) * _count(header, "Columns", 0) * _frame_count(header)


def _frame_count(header: Dataset) -> int:
    return _count(header, "NumberOfFrames", 1)


def _count(header: Dataset, keyword: str, otherwise: int) -> int:
    """A number of a header; one that lacks it, or has something else there, is refused when it is read."""
    value = numbers_of(header, keyword, 1)
    return otherwise if value is None else max(int(value[0]), 0)


def _is_whole(header: Dataset) -> bool:
    values = (numbers_of(header, keyword, 1) for keyword in ("RescaleSlope", "RescaleIntercept"))
    return all(value is None or float(value[0]).is_integer() for value in values)
