"""Which markings of a study are to be scored, and on which CT."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from imaging.dicom.reader import SEGMENTATIONS
from service.pacs.archive import SeriesView, StudyView, digest_of

MARKING_MODALITIES = ("SEG", "RTSTRUCT")

NODES = r"(?i)lymph|node|\bLN"
"""What series, segments and regions that mark lymph nodes are usually called."""


@dataclass(frozen=True, slots=True)
class Marking:
    """
    A SEG or RTSTRUCT, as far as a rule asks.

    Attributes:
        instance: Its id in the archive.
        description: Series Description.
        names: Labels of the segments, or names of the regions.
        ct_uids: Series Instance UIDs of the images it refers to.
    """

    instance: str
    description: str
    names: tuple[str, ...]
    ct_uids: frozenset[str]

    @classmethod
    def of(cls, instance: str, dataset: Dataset) -> "Marking | None":
        """What a dataset marks; None where it is neither SEG nor RTSTRUCT."""
        if dataset.get("SOPClassUID") in SEGMENTATIONS:
            names = [str(each.get("SegmentLabel", "")) for each in dataset.get("SegmentSequence", ())]
            references = dataset.get("ReferencedSeriesSequence", ())
        elif dataset.get("SOPClassUID") == RTStructureSetStorage:
            names = list(_drawn(dataset))
            references = _contoured(dataset)
        else:
            return None
        uids = frozenset(str(each.get("SeriesInstanceUID", "")) for each in references) - {""}
        return cls(instance, str(dataset.get("SeriesDescription", "")), tuple(names), uids)


def _drawn(dataset: Dataset) -> Iterator[str]:
    """The names of the regions that have a contour (PS3.3 C.8.8.6)."""
    drawn = {
        each.get("ReferencedROINumber") for each in dataset.get("ROIContourSequence", ()) if "ContourSequence" in each
    }
    for region in dataset.get("StructureSetROISequence", ()):
        if region.get("ROINumber") in drawn:
            yield str(region.get("ROIName", ""))


def _contoured(dataset: Dataset) -> Iterator[Dataset]:
    """The series that a structure set refers to (PS3.3 C.8.8.5)."""
    for frame in dataset.get("ReferencedFrameOfReferenceSequence", ()):
        for study in frame.get("RTReferencedStudySequence", ()):
            yield from study.get("RTReferencedSeriesSequence", ())


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What marks nodes.

    Attributes:
        pattern: Is searched in series descriptions, segment labels and region names.
    """

    pattern: re.Pattern[str]

    def names(self, marking: Marking) -> tuple[str, ...]:
        """The names of a marking that are nodes: those that match, or all where the series itself does."""
        matching = tuple(name for name in marking.names if self.pattern.search(name))
        return marking.names if not matching and self.pattern.search(marking.description) else matching


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A marking to be scored on a CT.

    Attributes:
        key: SHA-256 of the ids of the marking and of all slices: the same pair has the same key for ever.
        marking: Id of the marking.
        series: Id of the CT; empty where there is none.
        problem: Why it cannot be scored; empty where it may be.
    """

    key: str
    marking: str
    series: str
    problem: str = ""


def candidates(study: StudyView, markings: Sequence[Marking], rule: Rule) -> tuple[Candidate, ...]:
    """
    What is to be scored in a study.

    Args:
        study: All its series.
        markings: Its SEG and RTSTRUCT instances, without the results of this product.
        rule: Which of them mark nodes.
    """
    cts = [series for series in study.series if series.modality == "CT"]
    return tuple(_candidate(marking, cts) for marking in markings if rule.names(marking))


def key_of(marking: str, slices: Sequence[str]) -> str:
    """The key of a marking on a CT."""
    return digest_of("\n".join([marking, *sorted(slices)]))


def _candidate(marking: Marking, cts: Sequence[SeriesView]) -> Candidate:
    meant = [ct for ct in cts if ct.uid in marking.ct_uids]
    if not meant and (len(cts) == 1 or not marking.ct_uids):
        meant = list(cts)  # Whether it belongs to this one is seen when it is read.
    if len(meant) == 1:
        return Candidate(key_of(marking.instance, meant[0].instances), marking.instance, meant[0].id)
    problem = "the study has no CT" if not cts else "the CT that the marking refers to is not in the study"
    if len(meant) > 1:
        problem = f"the marking fits {len(meant)} CT series of the study; it must refer to one"
    instances = [instance for ct in cts for instance in ct.instances]
    return Candidate(key_of(marking.instance, instances), marking.instance, "", problem)
