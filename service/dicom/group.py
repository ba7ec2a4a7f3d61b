"""What the structured report says about one node: TID 1411 where it has a segment, TID 1501 where it has none."""

from math import isfinite

from highdicom.seg import Segmentation
from highdicom.sr import (
    AlgorithmIdentification,
    FindingSite,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    ReferencedSegment,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    SourceSeriesForSegmentation,
    TextContentItem,
    TrackingIdentifier,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)
from pydicom.sr.coding import Code

from service.dicom import codes
from service.dicom.basis import Basis
from service.dicom.nodes import ReportedNode
from service.findings import Score
from service.table import REASONS

Group = MeasurementsAndQualitativeEvaluations | VolumetricROIMeasurementsAndQualitativeEvaluations


def measurement_group(each: ReportedNode, basis: Basis, nodes: Segmentation | None) -> Group:
    """
    Size, density, and for a scored node probability and call; for another why it has none.

    Args:
        each: The node.
        basis: What was found.
        nodes: Segments of the scored nodes; None where they are not wanted.
    """
    score = each.finding.score
    told = {
        "tracking_identifier": TrackingIdentifier(uid=each.tracking_uid, identifier=each.tracking_id),
        "finding_category": codes.ANATOMICAL_STRUCTURE,
        "finding_type": codes.LYMPH_NODE,
        "finding_sites": [FindingSite(codes.LYMPH_NODE)],
        "algorithm_id": _algorithm(basis) if score else None,
        "measurements": [*_sizes(each), *([_probability(score)] if score else [])],
        "qualitative_evaluations": [
            QualitativeEvaluation(codes.METASTASIS, codes.CALLS[score.call] if score else codes.NOT_EVALUATED)
        ],
    }
    segment = _segment(each, nodes, basis) if nodes and score else None
    group: Group = (
        VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_segment=segment, **told)
        if segment
        else MeasurementsAndQualitativeEvaluations(source_images=_slice(each, basis), **told)
    )
    for text in _comments(each, basis):
        group[0].ContentSequence.append(
            TextContentItem(name=codes.COMMENT, value=text, relationship_type=RelationshipTypeValues.CONTAINS)
        )
    return group


def _algorithm(basis: Basis) -> AlgorithmIdentification:
    ref = basis.found.model
    return AlgorithmIdentification(
        name=ref.name,
        version=str(ref.version),
        parameters=[f"SHA-256 of the model file: {ref.digest}", f"operating point: {basis.operating_point:.6g}"],
        family=codes.ARTIFICIAL_INTELLIGENCE,
    )


def _sizes(each: ReportedNode) -> list[Measurement]:
    sizes = each.finding.measurements
    told: list[tuple[Code, float, Code, Code | None]] = [
        (codes.SHORT_AXIS, sizes.short_axis_mm, codes.MILLIMETER, None),
        (codes.LONG_AXIS, sizes.long_axis_mm, codes.MILLIMETER, None),
        (codes.VOLUME, sizes.volume_mm3, codes.CUBIC_MILLIMETER, None),
        (codes.ATTENUATION, sizes.mean_hu, codes.HOUNSFIELD_UNIT, codes.MEAN),
        (codes.ATTENUATION, sizes.sd_hu, codes.HOUNSFIELD_UNIT, codes.STANDARD_DEVIATION),
    ]
    return [
        Measurement(name=name, value=round(value, 2), unit=unit, derivation=derivation)
        for name, value, unit, derivation in told
        if isfinite(value)
    ]


def _probability(score: Score) -> Measurement:
    return Measurement(name=codes.PROBABILITY, value=round(100 * score.probability, 2), unit=codes.PERCENT)


def _segment(each: ReportedNode, nodes: Segmentation, basis: Basis) -> ReferencedSegment:
    [number] = nodes.get_segment_numbers(tracking_uid=each.tracking_uid)
    return ReferencedSegment(
        sop_class_uid=nodes.SOPClassUID,
        sop_instance_uid=nodes.SOPInstanceUID,
        segment_number=number,
        source_series=SourceSeriesForSegmentation(basis.headers[0].SeriesInstanceUID),
    )


def _slice(each: ReportedNode, basis: Basis) -> list[SourceImageForMeasurementGroup] | None:
    if each.slice_index is None:
        return None
    shown = basis.headers[each.slice_index]
    return [SourceImageForMeasurementGroup(shown.SOPClassUID, shown.SOPInstanceUID)]


def _comments(each: ReportedNode, basis: Basis) -> list[str]:
    score = each.finding.score
    if score is None:
        verdict = REASONS.get(each.finding.status, "not scored")
    else:
        verdict = (
            f"probability of metastasis in this node {score.probability:.1%}; called {score.call.value} "
            f"at the operating point of {basis.operating_point:.1%}"
        )
    return [verdict, *(notice.message for notice in each.finding.notices)]
