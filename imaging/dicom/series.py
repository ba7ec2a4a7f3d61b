"""
CT series in DICOM files.

Slices are ordered by their place along the slice normal, never by instance number or file name. What is wrong with a
series is said in its instance numbers; no identifier of the patient is ever part of a message.
"""

from collections.abc import Iterable
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from imaging.dicom.hounsfield import hounsfield
from imaging.dicom.instances import Instance, files_below, read_instances, uid_of
from imaging.dicom.stack import stacked
from imaging.errors import NoCtImage, UnreadableSeries
from imaging.volume import Volume

CT_CLASSES = ("", CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
"""SOP classes of CTs; de-identification may leave an empty one."""


def read_series(folder: Path) -> Volume:
    """
    Read the one CT series below a folder, in HU.

    Files that are no DICOM images of modality CT (a DICOMDIR, a segmentation, a structure set, a screenshot) and
    localizers are passed over. Series Instance UIDs may be empty, as de-identification leaves them: all such slices
    are one series.

    Raises:
        NoCtImage: there is no CT.
        UnevenSlices: slices are missing, doubled or uneven.
        TiltedSlices: slices are shifted sideways.
        MixedSlices: slices differ in orientation, spacing, size or frame of reference.
        UnreadablePixels: pixels cannot be decoded.
        UnreadableSeries: there is more than one series, or an attribute is missing.
    """
    series = series_of(read_instances(files_below(folder)))
    if len(series) > 1:
        raise UnreadableSeries(f"there are {len(series)} CT series; give exactly one")
    [slices] = series.values()
    ordered, geometry = stacked(slices)
    return Volume(hounsfield(ordered), geometry)


def series_of(instances: Iterable[Instance]) -> dict[str, list[Instance]]:
    """
    The slices of each CT series, by Series Instance UID.

    Raises:
        NoCtImage: there is no CT.
    """
    series: dict[str, list[Instance]] = {}
    for instance in instances:
        if _is_slice(instance.header):
            series.setdefault(uid_of(instance.header, "SeriesInstanceUID"), []).append(instance)
    if not series:
        raise NoCtImage("there is no CT image in DICOM format; give exactly one CT series")
    return series


def _is_slice(header: Dataset) -> bool:
    modality, kind = header.get("Modality") or "", uid_of(header, "SOPClassUID")
    if kind not in CT_CLASSES or modality not in ("CT", "") or not modality + kind:
        return False
    image_type = header.get("ImageType") or ()
    return "LOCALIZER" not in ([image_type] if isinstance(image_type, str) else image_type)
