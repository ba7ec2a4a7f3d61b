"""
A CT and what is marked in it, found among DICOM instances of all kinds.

Passed over are other modalities, directories, reports, screenshots, localizers, CT series to which the marking does not
refer, and what we wrote ourselves.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import UID, RTStructureSetStorage, SegmentationStorage

from imaging.dicom.hounsfield import hounsfield
from imaging.dicom.instances import Instance, files_below, read_instances, uid_of
from imaging.dicom.layers import Marked
from imaging.dicom.references import references_of, referred, require_belonging
from imaging.dicom.segmentation import read_segmentation
from imaging.dicom.series import series_of
from imaging.dicom.stack import require_size, stacked
from imaging.dicom.structures import read_structures
from imaging.dicom.study import MANUFACTURER, DicomStudy
from imaging.errors import AbsentInstances, NoMarking, SeveralMarkings, UnreadableMarking
from imaging.geometry import Geometry
from imaging.volume import Volume

SEGMENTATIONS = (SegmentationStorage, UID("1.2.840.10008.5.1.4.1.1.66.7"))
"""SOP classes of segmentations; the second is that of label maps (Supplement 243)."""


def read_study_folder(folder: Path, names: Sequence[str] = (), marking: str = "") -> DicomStudy:
    """
    Read the study below a folder; `read_study` says how.

    Raises:
        UnreadableDicom: there is no such folder, or as `read_study`.
    """
    return read_study(files_below(folder), names, marking)


def read_study(files: Iterable[Path | bytes], names: Sequence[str] = (), marking: str = "") -> DicomStudy:
    """
    Read the CT series and the SEG or RTSTRUCT that refers to it.

    Instances come in any order. Pixels are read only of the CT to which the marking refers. UIDs may be empty, as
    de-identification leaves them, where nothing else could be meant: one CT series, and one marking in the same frame
    of reference; a notice says so.

    Args:
        files: Files or their bytes; what is in another format is passed over.
        names: Segment Labels or ROI Names to read, whatever the case of their letters; all where there is none.
        marking: Which SEG or RTSTRUCT to read where there are several: its Series Description, its Structure Set
            Label or Content Label, or its SOP Instance UID.

    Raises:
        UnreadableSeries: the CT cannot be read; as `read_series`.
        NoMarking: no SEG or RTSTRUCT (of this description) marks anything in a CT that is there.
        SeveralMarkings: there are several, or one for several CTs.
        UnknownMark: nothing is marked under one of the names.
        OtherFrame: it lies in another frame of reference than the CT.
        AbsentInstances: it refers to instances that are not there.
        UnreadableMarking: it cannot be read for another reason.
    """
    return study_of(read_instances(files), names, marking)


def study_of(
    instances: Sequence[Instance], names: Sequence[str] = (), marking: str = "", max_voxels: int | None = None
) -> DicomStudy:
    """
    The same, of instances whose headers have been read already.

    Args:
        instances: Of all kinds.
        names: As in `read_study`.
        marking: Likewise.
        max_voxels: Largest CT, and largest grid of a segmentation; None is any.

    Raises:
        TooManyVoxels: one is larger; its pixels have not been read.
        UnreadableDicom: as in `read_study`.
    """
    series = series_of(instances)
    chosen, series_uid = _one_marking(instances, series, marking)
    ordered, geometry = stacked(series[series_uid])
    require_size(geometry, max_voxels, "CT")
    notices = require_belonging(references_of(chosen.header), series_uid, ordered)
    slices = tuple(instance.header for instance in ordered)
    marked = _marked(chosen, names, slices, geometry, max_voxels)
    volume = Volume(hounsfield(ordered), geometry)
    return DicomStudy(volume, marked.mask, marked.marks, slices, chosen.header, (*notices, *marked.notices))


def _one_marking(instances: Iterable[Instance], series: dict[str, list[Instance]], wanted: str) -> tuple[Instance, str]:
    """The marking to read, and the series to which it refers."""
    markings = _each_once(instance for instance in instances if _is_marking(instance.header))
    if not markings:
        raise NoMarking("there is no segmentation (SEG) or structure set (RTSTRUCT) that marks nodes in the CT")
    described = [m for m in markings if not wanted or wanted.casefold() in map(str.casefold, _descriptions(m.header))]
    if not described:
        raise NoMarking(
            f"no segmentation or structure set has this description; there is {_listed(markings)}", "marking"
        )
    fitting = [(m, uids) for m in described if (uids := referred(references_of(m.header), series))]
    if not fitting:
        raise AbsentInstances("what is marked refers to no CT that is there; send the CT on which it was drawn")
    if len(fitting) > 1:
        raise SeveralMarkings(
            f"there are {len(fitting)} segmentations or structure sets for the CT; choose one by its description, "
            f"or by its SOP Instance UID: {_listed([m for m, _ in fitting])}",
            "marking",
        )
    [(chosen, uids)] = fitting
    if len(uids) > 1:
        raise SeveralMarkings(f"what is marked refers to {len(uids)} CT series; send the one on which it was drawn")
    return chosen, uids[0]


def _each_once(instances: Iterable[Instance]) -> list[Instance]:
    """The same without copies: of instances with one SOP Instance UID, the last."""
    return list({uid_of(each.header, "SOPInstanceUID") or id(each): each for each in instances}.values())


def _is_marking(header: Dataset) -> bool:
    if header.get("Manufacturer") == MANUFACTURER:
        return False
    return header.get("SOPClassUID") in (*SEGMENTATIONS, RTStructureSetStorage) or header.get("Modality") == "RTSTRUCT"


def _descriptions(header: Dataset) -> list[str]:
    """By what a person or a program may name a marking."""
    keywords = ("SeriesDescription", "StructureSetLabel", "ContentLabel", "SOPInstanceUID")
    return [str(header.get(keyword) or "") for keyword in keywords]


def _listed(markings: Iterable[Instance]) -> str:
    """The description of each, never its UID."""
    descriptions = [next(filter(None, _descriptions(m.header)[:-1]), "without description") for m in markings]
    return ", ".join(f"'{description}'" for description in descriptions)


def _marked(
    marking: Instance, names: Sequence[str], slices: Sequence[Dataset], ct: Geometry, max_voxels: int | None
) -> Marked:
    if uid_of(marking.header, "SOPClassUID") not in SEGMENTATIONS:
        return read_structures(marking.header, names, slices, ct)
    try:
        whole = marking.whole()
    except Exception as error:  # What was cut off raises errors of many kinds.
        raise UnreadableMarking("the file of the segmentation cannot be read to its end", "marking") from error
    return read_segmentation(whole, names, ct, max_voxels)
