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
        if series.modality in MARKING_MODALITIES:
            for instance in series.instances:
                dataset = dataset_of(archive.file(instance))
                if dataset is None:
                    unreadable.append(Candidate(key_of(instance, ()), instance, "", UNREADABLE))
                elif not _is_result(dataset, journal) and (marking := Marking.of(instance, dataset)):
                    markings.append(marking)
    return (*candidates(study, markings, rule), *unreadable)


def dataset_of(content: bytes) -> Dataset | None:
    """The attributes of a DICOM file, without pixels; None where it is none."""
    try:
        return pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
    except Exception as error:  # What a broken file makes pydicom raise is not told anywhere.
        log.warning("unreadable", extra={"exception": type(error).__name__})
        return None


def _is_result(dataset: Dataset, journal: Journal) -> bool:
    return is_own(dataset) or journal.is_result(str(dataset.get("SOPInstanceUID", "")))
