"""What a SEG or RTSTRUCT refers to, and whether that is the CT at hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.dicom.instances import Instance, items_of, uid_of
from imaging.dicom.series import CT_CLASSES
from imaging.errors import AbsentInstances, OtherFrame

GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")

REGIONS = ("ReferencedFrameOfReferenceSequence", "RTReferencedStudySequence", "RTReferencedSeriesSequence")


@dataclass(frozen=True, slots=True)
class References:
    """
    What a marking refers to.

    Attributes:
        series: CT instances by the series in which the marking lists them; by UIDs.
        drawn_on: CT instances that frames or contours name.
        frames: Frames of reference.
        others: Whether it refers to images that are no CT.
    """

    series: Mapping[str, frozenset[str]]
    drawn_on: frozenset[str]
    frames: frozenset[str]
    others: bool

    @property
    def instances(self) -> frozenset[str]:
        """All CT instances."""
        return self.drawn_on.union(*self.series.values())

    def within(self, series_uid: str) -> frozenset[str]:
        """CT instances of one series: all that are not listed in another."""
        listed = self.series.get(series_uid, frozenset())
        elsewhere = frozenset().union(*self.series.values()) - listed
        return listed | (self.drawn_on - elsewhere)


def references_of(marking: Dataset) -> References:
    """What the header of a SEG or RTSTRUCT refers to."""
    series: dict[str, frozenset[str]] = {}
    named: list[Dataset] = []
    listed = [(item, "ReferencedInstanceSequence") for item in items_of(marking, "ReferencedSeriesSequence")]
    listed += [(item, "ContourImageSequence") for item in items_of(marking, *REGIONS)]
    for item, keyword in listed:
        instances = items_of(item, keyword)
        named += instances
        if not instances or any(map(_is_ct, instances)):
            uid = uid_of(item, "SeriesInstanceUID")
            series[uid] = series.get(uid, frozenset()) | _uids(instances)
    drawn_on = items_of(marking, "ROIContourSequence", "ContourSequence", "ContourImageSequence")
    for group in GROUPS:
        drawn_on += items_of(marking, group, "DerivationImageSequence", "SourceImageSequence")
    others = any(not _is_ct(item) for item in named + drawn_on)
    return References({uid: s for uid, s in series.items() if uid}, _uids(drawn_on), _frames(marking), others)


def referred(references: References, series: Mapping[str, Sequence[Instance]]) -> list[str]:
    """
    The CT series, by UID, to which a marking refers: by series, by instances, or else by frame of reference.

    The frame of reference counts only where the marking names no image at all.
    """
    named = [uid for uid, slices in series.items() if uid in references.series or references.instances & _sops(slices)]
    if named or references.instances or references.others or references.series:
        return named
    return [
        uid for uid, slices in series.items() if uid_of(slices[0].header, "FrameOfReferenceUID") in references.frames
    ]


def require_belonging(references: References, series_uid: str, slices: Sequence[Instance]) -> tuple[str, ...]:
    """
    Refuse a marking that belongs to other slices.

    Instances may have got new UIDs since the marking was drawn, or lost them, by cropping or de-identification. Such a
    marking is taken where none of the instances that it names is there, and its frame of reference is the CT's: then
    its points are still the CT's. Where some are there and some are not, the series is incomplete.

    Returns:
        What a reader must know.

    Raises:
        OtherFrame: the frame of reference is another.
        AbsentInstances: instances are missing, or nothing tells that marking and CT belong together.
    """
    frame = uid_of(slices[0].header, "FrameOfReferenceUID")
    if frame and references.frames and frame not in references.frames:
        raise OtherFrame(
            "what is marked lies in another frame of reference than the CT; register it with the CT, or export it in "
            "the frame of reference of the CT",
            "marking.FrameOfReferenceUID",
        )
    wanted = references.within(series_uid)
    present = wanted & _sops(slices)
    if present and (missing := len(wanted - present)):
        raise AbsentInstances(
            f"what is marked refers to {missing} of {len(wanted)} instances of the CT that are not there; send the "
            "whole series",
            "marking.ReferencedSOPInstanceUID",
        )
    if present:
        return ()
    if not (frame and frame in references.frames):
        raise AbsentInstances(
            "what is marked refers to no instance of the CT and names no frame of reference; nothing tells that they "
            "belong together",
            "marking.ReferencedSOPInstanceUID",
        )
    what = f"none of the {len(wanted)} instances to which it refers is there" if wanted else "it refers to none"
    return (f"what is marked was joined to the CT by its frame of reference: {what}",)


def _is_ct(item: Dataset) -> bool:
    return uid_of(item, "ReferencedSOPClassUID") in CT_CLASSES


def _uids(items: Iterable[Dataset]) -> frozenset[str]:
    return frozenset(uid_of(item, "ReferencedSOPInstanceUID") for item in items if _is_ct(item)) - {""}


def _sops(slices: Iterable[Instance]) -> frozenset[str]:
    return frozenset(uid_of(slice_.header, "SOPInstanceUID") for slice_ in slices) - {""}


def _frames(marking: Dataset) -> frozenset[str]:
    items = [marking, *items_of(marking, "ReferencedFrameOfReferenceSequence")]
    return frozenset(uid_of(item, "FrameOfReferenceUID") for item in items) - {""}
