"""The structured report: Comprehensive 3D SR (PS3.3 A.35.13) by TID 1500 (PS3.16), one group of measurements a node."""

from collections.abc import Sequence

from highdicom.seg import Segmentation
from highdicom.sr import (
    Comprehensive3DSR,
    ContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from imaging.dicom.study import MANUFACTURER
from service.dicom.basis import Basis
from service.dicom.codes import COMMENT, CT_OF_ANY_REGION, DEVICE
from service.dicom.finish import equipment, finished
from service.dicom.group import measurement_group
from service.dicom.kinds import ResultKind
from service.dicom.origin import PRODUCT
from service.table import RESEARCH_USE


def report(basis: Basis, nodes: Segmentation | None) -> Comprehensive3DSR | None:
    """
    What was found, for programs and for readers: complete, preliminary and not verified by anybody.

    Args:
        basis: What was found.
        nodes: The segmentation that groups refer to; without it they refer to slices of the CT.

    Returns:
        The report; None where nothing was marked, since the template needs a group.
    """
    if not basis.nodes:
        return None
    groups = [measurement_group(each, basis, nodes) for each in basis.nodes]
    content = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=_observer(basis)),
        procedure_reported=CT_OF_ANY_REGION,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    content[0].ContentSequence = _with_comments(content[0].ContentSequence, basis)
    return finished(
        Comprehensive3DSR(
            evidence=_evidence(basis, nodes),
            content=content,
            sop_instance_uid=basis.uid("report", "of segments" if nodes else "of slices"),
            instance_number=1,
            is_complete=True,
            is_final=False,
            is_verified=False,
            contributing_equipment=[equipment(basis)],
            **basis.series(ResultKind.SR),
        ),
        basis,
    )


def _observer(basis: Basis) -> ObserverContext:
    attributes = DeviceObserverIdentifyingAttributes(
        uid=basis.uid("device"),
        name=f"{basis.manifest.name} {basis.manifest.version}",
        manufacturer_name=MANUFACTURER,
        model_name=PRODUCT,
        serial_number=basis.found.model.digest[:16],
    )
    return ObserverContext(observer_type=DEVICE, observer_identifying_attributes=attributes)


def _with_comments(items: Sequence[ContentItem], basis: Basis) -> ContentSequence:
    """Comments stand before the measurements: they must be read first."""
    warnings = [*(notice.message for notice in basis.found.notices), *basis.study.notices]
    words = dict.fromkeys([basis.legend, RESEARCH_USE, *warnings])
    comments = [
        TextContentItem(name=COMMENT, value=text, relationship_type=RelationshipTypeValues.CONTAINS) for text in words
    ]
    *context, measurements = items
    return ContentSequence([*context, *comments, measurements])


def _evidence(basis: Basis, nodes: Segmentation | None) -> list[Dataset]:
    """The CT, what marked its nodes, and their segmentation."""
    study = basis.study
    evidence = [*basis.headers, *([nodes] if nodes else [])]
    return [*evidence, study.marking] if study.marking.get("StudyInstanceUID") else evidence
