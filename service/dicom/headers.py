"""What results take over from a CT's slices."""

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.valuerep import DA, TM

from imaging.dicom.study import DicomStudy
from imaging.errors import UnnamedStudy

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "FrameOfReferenceUID")
"""What results must refer to."""

TAKEN = (
    *UIDS,
    "PositionReferenceIndicator",
    "Modality",
    "Manufacturer",
    "ManufacturerModelName",
    "DeviceSerialNumber",
    "StationName",
    "ImagePositionPatient",
    "PixelSpacing",
    "SliceThickness",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)
"""What the library needs of a slice. It quotes names in its warnings, so that it is not given any."""

EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
"""What it insists on, and `service.dicom.finish` takes from the slice itself."""

MOMENTS = ("Content", "Acquisition", "Series", "Study")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (DA) and a time (TM) of DICOM."""

    date: str
    time: str


def require_uids(study: DicomStudy) -> None:
    """
    Refuse a CT or a marking whose results would belong to no study.

    Raises:
        UnnamedStudy: UIDs are missing; the message names them, and says what to do.
    """
    lacking = {name for each in study.slices for name in UIDS if not each.get(name)}
    named = [f"the CT lacks {name}" for name in UIDS if name in lacking]
    if not study.marking.get("SOPInstanceUID"):
        named.append("what marks the nodes lacks SOPInstanceUID")
    if named:
        raise UnnamedStudy(
            f"{', '.join(named)}: DICOM results would belong to no study; restore the UIDs "
            "(de-identify with a tool that replaces UIDs instead of emptying them), or ask for other results"
        )


def headers_of(study: DicomStudy) -> tuple[Dataset, ...]:
    """
    The slices as the library is given them: place and kind, without pixels, without the patient.

    All have the orientation of the first. It differs in the last digits in some series, which is no reason to refuse.
    """
    first, thickness_mm = study.slices[0], study.volume.geometry.spacing_mm[0]
    return tuple(_header(one, first, thickness_mm) for one in study.slices)


def _header(one: Dataset, first: Dataset, thickness_mm: float) -> Dataset:
    header = Dataset()
    for name in TAKEN:
        if one.get(name) not in (None, ""):
            header[name] = one[name]
    header["ImageOrientationPatient"] = first["ImageOrientationPatient"]
    for name in EMPTY:
        setattr(header, name, "")
    if "SliceThickness" not in header:
        header.SliceThickness = f"{thickness_mm:.6g}"
    return header


def moment_of(one: Dataset, otherwise: str) -> Moment:
    """
    When a slice was made, as exactly as it tells.

    Args:
        one: The slice.
        otherwise: The date (ISO 8601) where it tells none.
    """
    dates = (Moment(_date(one.get(f"{name}Date")), _time(one.get(f"{name}Time"))) for name in MOMENTS)
    return next((moment for moment in dates if moment.date), Moment(otherwise[:10].replace("-", ""), "000000"))


def _date(value: Any) -> str:
    try:
        return f"{DA(value):%Y%m%d}" if value else ""
    except ValueError:
        return ""


def _time(value: Any) -> str:
    try:
        return f"{TM(value):%H%M%S}" if value else "000000"
    except ValueError:
        return "000000"
