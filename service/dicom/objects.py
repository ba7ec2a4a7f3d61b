"""Results as the bytes of DICOM files."""

from collections.abc import Callable, Collection
from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage, SegmentationStorage

from imaging.dicom.study import DicomStudy
from imaging.manifest import Manifest
from service.dicom.answer import DicomObject
from service.dicom.kinds import ResultKind
from service.findings import Classification
from service.options import ClassifyOptions

KINDS = {
    Comprehensive3DSRStorage: ResultKind.SR,
    ParametricMapStorage: ResultKind.PARAMETRIC_MAP,
    SegmentationStorage: ResultKind.SEG,
}
"""Kind by SOP class; all others are Secondary Captures."""


def objects_of(
    study: DicomStudy,
    found: Classification,
    manifest: Manifest,
    options: ClassifyOptions,
    kinds: Collection[ResultKind],
    pause: Callable[[], object] = lambda: None,
) -> tuple[DicomObject, ...]:
    """
    Findings as DICOM files; `service.dicom.results` says which there are.

    Args:
        study: The CT and what marks the nodes.
        found: What was found in it, with the heat maps of its nodes.
        manifest: Of the model that scored.
        options: What was chosen.
        kinds: Which results are wanted; without any, nothing is asked of the study.
        pause: Called between two objects; may raise.

    Raises:
        UnnamedStudy: the study lacks UIDs.
    """
    if not kinds:
        return ()
    from service.dicom.results import result_objects  # Here: what writes them takes seconds to load, and few want it.

    objects: list[DicomObject] = []
    for dataset in result_objects(study, found, manifest, options, kinds):
        pause()
        objects.append(DicomObject(KINDS.get(dataset.SOPClassUID, ResultKind.SC), file_of(dataset)))
    return tuple(objects)


def file_of(dataset: Dataset) -> bytes:
    """A dataset as DICOM file."""
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
