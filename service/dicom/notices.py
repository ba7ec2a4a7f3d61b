"""What the reader of an answer must know about how its study was read."""

from dataclasses import replace

from imaging.dicom.study import DicomStudy
from service.findings import Classification, Code, Notice


def notices_of(study: DicomStudy) -> tuple[Notice, ...]:
    """How a study was read, as notices; they may repeat what its segments or ROIs are called."""
    return tuple(Notice(Code.DICOM_READING, sentence) for sentence in study.notices)


def with_notices(found: Classification, study: DicomStudy) -> Classification:
    """An answer about pixels and places of a study that was read on this side, with how it was read."""
    return replace(found, notices=(*found.notices, *notices_of(study)))
