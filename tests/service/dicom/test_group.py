"""What the report says of one node."""

from dataclasses import replace

import pytest
from pydicom.sr.codedict import codes

from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.measurements import NodeMeasurements
from service.dicom.group import measurement_group
from service.findings import Code, Notice


@pytest.fixture
def groups(basis, segments):
    """The groups of all nodes, with a segmentation."""
    return [measurement_group(each, basis, segments) for each in basis.nodes]


def value_of(group, name, derivation=None):
    """The one measurement of a name (and derivation), and its unit."""
    [measurement] = [each for each in group.get_measurements(name) if derivation in (None, derivation_of(each))]
    return measurement.value, measurement.unit


def derivation_of(measurement):
    """How it was derived, as a code's value."""
    return measurement.derivation.value if measurement.derivation else ""


def near(value):
    """A value as it is told, with two decimals."""
    return pytest.approx(value, abs=0.005)


def texts_of(group):
    """All that a group says in words."""
    return [item.value for item in group[0].ContentSequence if item.ValueType == "TEXT"]


def test_sizes_are_told_with_their_units(basis, groups):
    """Short and long axis in mm, volume in mm³, density in Hounsfield units, by the codes of TID 1500."""
    sizes, group = basis.nodes[0].finding.measurements, groups[0]
    density, mean, deviation = codes.DCM.AttenuationCoefficient, codes.SCT.Mean.value, codes.SCT.StandardDeviation.value

    assert (near(sizes.short_axis_mm), codes.UCUM.Millimeter) == value_of(group, codes.SCT.ShortAxis)
    assert (near(sizes.long_axis_mm), codes.UCUM.Millimeter) == value_of(group, codes.SCT.LongAxis)
    assert (near(sizes.volume_mm3), codes.UCUM.CubicMillimeter) == value_of(group, codes.SCT.Volume)
    assert (near(sizes.mean_hu), codes.UCUM.HounsfieldUnit) == value_of(group, density, mean)
    assert (near(sizes.sd_hu), codes.UCUM.HounsfieldUnit) == value_of(group, density, deviation)


def test_the_probability_is_in_percent(groups):
    """81.23 % is not 0.8123 %."""
    said = "probability of metastasis in this node 81.2%; called metastatic at the operating point of 30.0%"

    assert (81.23, codes.UCUM.Percent) == value_of(groups[0], codes.DCM.ProbabilityOfCancer)
    assert said in texts_of(groups[0])


def test_the_call_is_that_of_the_findings(basis, groups):
    """Positive where the node is called metastatic, negative where it is called benign, not evaluated without score."""
    calls = [group.get_qualitative_evaluations(codes.SCT.Metastasis)[0].value for group in groups]

    assert [Call.METASTATIC, Call.BENIGN] == [each.finding.score.call for each in basis.nodes[:2]]
    assert [codes.SCT.Positive, codes.SCT.Negative, codes.SCT.NotEvaluated] == calls


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (NodeStatus.AT_EDGE, "not scored: at the edge of the CT"),
        (NodeStatus.TOO_SMALL, "not scored: too small"),
    ],
)
def test_a_node_without_score_has_a_reason_and_no_probability(basis, segments, status, reason):
    """It must not look benign: no probability, no algorithm, but its size and why."""
    each = basis.nodes[2]
    group = measurement_group(replace(each, finding=replace(each.finding, status=status)), basis, segments)

    assert reason in texts_of(group)
    assert [] == group.get_measurements(codes.DCM.ProbabilityOfCancer)
    assert 1 == len(group.get_measurements(codes.SCT.ShortAxis))
    assert not [text for text in texts_of(group) if "SHA-256" in text]


def test_a_scored_node_refers_to_its_segment(basis, segments, groups):
    """By SOP instance and segment number, tracked under one identifier."""
    for number, (group, each) in enumerate(zip(groups[:2], basis.nodes[:2], strict=True), start=1):
        [item] = [item for item in group[0].ContentSequence if item.name == codes.DCM.ReferencedSegment]
        assert segments.SOPInstanceUID == item.referenced_sop_instance_uid
        assert [number] == list(item.referenced_segment_numbers)
        assert (each.tracking_id, each.tracking_uid) == (group.tracking_identifier, group.tracking_uid)


def test_without_a_segmentation_groups_refer_to_the_slice(basis):
    """Nothing refers to an object that is not there."""
    each = basis.nodes[0]

    [source] = measurement_group(each, basis, None).source_images

    assert basis.study.slices[each.slice_index].SOPInstanceUID == source.referenced_sop_instance_uid


def test_the_algorithm_is_exactly_one_model(groups):
    """Name, version, digest of the file and operating point stand in each group with a probability."""
    texts = texts_of(groups[0])

    assert {"cnn-gap", "1", "operating point: 0.3"} < set(texts)
    assert f"SHA-256 of the model file: {'ab' * 32}" in texts


def test_warnings_about_a_node_stand_in_its_group(basis, segments):
    """Who reads the number reads what is wrong with it."""
    notice = Notice(Code.LARGER_THAN_CROP, "the node does not fit the crop")
    each = basis.nodes[0]

    group = measurement_group(replace(each, finding=replace(each.finding, notices=(notice,))), basis, segments)

    assert notice.message in texts_of(group)


def test_density_that_does_not_exist_is_not_told(basis, segments):
    """A node outside the CT has no mean: NaN is no DICOM number."""
    nowhere = NodeMeasurements(300.0, 11.0, 7.0, float("nan"), float("nan"))
    each = basis.nodes[2]
    lost = replace(each, slice_index=None, finding=replace(each.finding, measurements=nowhere))

    group = measurement_group(lost, basis, segments)

    assert [] == group.get_measurements(codes.DCM.AttenuationCoefficient)
    assert [] == group.source_images
