"""Which markings of a study in an archive are to be scored."""

import io
import logging
from collections.abc import Sequence

import pydicom
from pydicom.dataset import Dataset

from service.dicom.origin import is_own
from service.pacs.archive import Archive, StudyView
from service.pacs.journal import Journal
from service.pacs.rules import MARKING_MODALITIES, Candidate, Marking, Rule, candidates, key_of

UNREADABLE = "the marking is no readable DICOM file"

log = logging.getLogger(__name__)


def look(archive: Archive, study: StudyView, rule: Rule, journal: Journal) -> Sequence[Candidate]:
    """
    What is to be scored in a study; results of this product never are.

    They are known by the manufacturer and model that stand in them, and by the journal, should the archive have
    written its own there.

    Args:
        archive: Has the study.
        study: All its series.
        rule: What marks nodes.
        journal: Knows the results that were stored.
    """
    markings, unreadable = [], []
    for series in study.series:
        for instance in series.instances if series.modality in MARKING_MODALITIES else ():
            content = archive.file(instance)
            try:
                marking = _marking(instance, content, journal)
            except Exception as error:  # Damaged elements raise errors of many kinds, whose words may quote them.
                log.warning("unreadable", extra={"study": study.id, "exception": type(error).__name__})
                unreadable.append(Candidate(key_of(instance, ()), instance, "", UNREADABLE))
            else:
                markings += [marking] if marking else []
    return (*candidates(study, markings, rule), *unreadable)


def _marking(instance: str, content: bytes, journal: Journal) -> Marking | None:
    """What a file marks; None where it is a result, or marks nothing."""
    dataset = header_of(content)
    own = is_own(dataset) or journal.is_result(str(dataset.get("SOPInstanceUID", "")))
    return None if own else Marking.of(instance, dataset)


def header_of(content: bytes) -> Dataset:
    """The attributes of a DICOM file, without pixels."""
    return pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
