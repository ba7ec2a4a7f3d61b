"""What the call `ClassifyDicom` refuses, over real gRPC."""

import threading
from io import BytesIO

import pydicom
import pytest
from numpy.testing import assert_allclose

from nodelens.v1 import node_classifier_service_pb2 as messages
from tests.imaging.series import slices_of
from tests.service.instances.sent import seg_study, stored, stream, structure_study, whole_scan
from tests.service.instances.test_call import ALL, probabilities
from tests.service.scans import request
from tests.service.test_servicer_refusals import refusal


def with_header(parts, **changes):
    """The stream with a header that announces something else."""
    header = messages.DicomHeader()
    header.CopyFrom(parts[0].header)
    for field, value in changes.items():
        del getattr(header, field)[:]
        getattr(header, field).extend(value)
    return [messages.ClassifyDicomRequest(header=header), *parts[1:]]


def with_chunk(part, **changes):
    """A message whose chunk says something else."""
    chunk = messages.DicomChunk()
    chunk.CopyFrom(part.chunk)
    for field, value in changes.items():
        setattr(chunk, field, value)
    return messages.ClassifyDicomRequest(chunk=chunk)


SIZES = [len(data) for data in seg_study()]


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        (lambda parts: [], "part"),
        (lambda parts: parts[1:], "part"),
        (lambda parts: [parts[0], *parts], "part"),
        (lambda parts: parts[:1], "header.instance_bytes[0]"),
        (lambda parts: parts[:-1], "header.instance_bytes[30]"),
        (lambda parts: [*parts, parts[-1]], "chunk.offset"),
        (lambda parts: [parts[0], parts[2], parts[1], *parts[3:]], "chunk.offset"),
        (lambda parts: [*parts[:2], with_chunk(parts[2], offset=4_999), *parts[3:]], "chunk.offset"),
        (lambda parts: [parts[0], *parts[2:]], "chunk.offset"),
        (lambda parts: [*parts[:2], with_chunk(parts[2], crc32c=1), *parts[3:]], "chunk.crc32c"),
        (lambda parts: [*parts[:2], with_chunk(parts[2], instance=31), *parts[3:]], "chunk.instance"),
        (lambda parts: with_header(parts, instance_bytes=[]), "header.instance_bytes"),
        (lambda parts: with_header(parts, instance_bytes=[*SIZES[:-1], 0]), "header.instance_bytes[30]"),
        (lambda parts: with_header(parts, instance_bytes=[*SIZES[:-1], SIZES[-1] + 1]), "header.instance_bytes[30]"),
        (lambda parts: with_header(parts, instance_bytes=[SIZES[0] - 1, *SIZES[1:]]), "header.instance_bytes[0]"),
        (lambda parts: with_header(parts, instance_bytes=[*SIZES, 7]), "header.instance_bytes[31]"),
    ],
)
def test_streams_out_of_order(stub, parts, named):
    """
    What a stream lacks, has twice, or says wrongly is told, and the next stream is answered.

    No header, two headers; chunks that are missing, doubled, swapped, overlapping, damaged, or of no instance; no
    instance; more or fewer bytes, or instances, than were announced.
    """
    sent = parts(stream(seg_study()))

    assert ("INVALID_ARGUMENT", named, "INVALID_UPLOAD") == refusal(stub.ClassifyDicom, iter(sent))[:3]
    assert_allclose(
        probabilities(stub.ClassifyDicom(iter(stream(seg_study())))),
        probabilities(stub.Classify(request(*whole_scan()))),
        atol=1e-5,
    )


def changed(**attributes):
    """The study with other attributes in its first slice."""
    first = pydicom.dcmread(BytesIO(seg_study()[1]))
    for keyword, value in attributes.items():
        setattr(first, keyword, value)
    return [seg_study()[0], *stored(first), *seg_study()[2:]]


@pytest.mark.parametrize(
    ("files", "field", "reason"),
    [
        (lambda: [b"not DICOM"], "instances", "NO_CT_IMAGE"),
        (lambda: seg_study()[:1], "instances", "NO_CT_IMAGE"),
        (lambda: seg_study()[1:], "instances", "NO_MARKING"),
        (lambda: seg_study()[:-1], "marking.ReferencedSOPInstanceUID", "ABSENT_INSTANCES"),
        (lambda: [*seg_study(), *structure_study()[:1]], "marking", "SEVERAL_MARKINGS"),
        (lambda: changed(RescaleSlope=None), "instances[InstanceNumber=100].RescaleSlope", "INVALID_SERIES"),
        (lambda: changed(PixelData=b"\0\0"), "instances[InstanceNumber=100].PixelData", "UNREADABLE_PIXELS"),
        (lambda: changed(PixelSpacing=[9, 9]), "instances[InstanceNumber=99].PixelSpacing", "MIXED_SLICES"),
    ],
)
def test_studies_that_cannot_be_scored(stub, files, field, reason):
    """What is wrong is told by the instance's number, and the patient's name is not repeated."""
    code, named, why, message = refusal(stub.ClassifyDicom, iter(stream(files())))

    assert ("INVALID_ARGUMENT", field, reason) == (code, named, why)
    assert "Canary" not in message


def test_a_second_series_does_not_matter_unless_it_is_marked(stub):
    """What is marked says of which CT it is."""
    expected = probabilities(stub.ClassifyDicom(iter(stream(seg_study()))))
    other = stored(*slices_of(whole_scan()[0]))

    assert expected == probabilities(stub.ClassifyDicom(iter(stream([*other, *seg_study()]))))
    assert "ABSENT_INSTANCES" == refusal(stub.ClassifyDicom, iter(stream([*other, *seg_study()[:1]])))[2]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"names": ["Canary^Carla 7"]}, "names", "UNKNOWN_MARK"),
        ({"marking": "Canary^Carla 7"}, "marking", "NO_MARKING"),
        ({"results": [9]}, "results[0]", "INVALID_OPTION"),
        ({"results": [0]}, "results[0]", "INVALID_OPTION"),
        ({"options": messages.ClassifyOptions(operating_point=2.0)}, "options.operating_point", "INVALID_OPTION"),
        ({"request_id": "Canary^Carla"}, "request_id", "INVALID_REQUEST_ID"),
    ],
)
def test_choices_that_cannot_be_had(stub, fields, field, reason):
    """The field is named, and what it held is not repeated."""
    code, named, why, message = refusal(stub.ClassifyDicom, iter(stream(seg_study(), **fields)))

    assert ("INVALID_ARGUMENT", field, reason) == (code, named, why)
    assert "Canary" not in message


def test_results_of_a_study_without_uids(stub):
    """They would belong to no study; findings alone can be had."""
    slices = [pydicom.dcmread(BytesIO(data)) for data in seg_study()[1:]]
    for dataset in slices:
        dataset.StudyInstanceUID = ""
    files = [seg_study()[0], *stored(*slices)]

    assert ("INVALID_ARGUMENT", "results", "UNNAMED_STUDY") == refusal(
        stub.ClassifyDicom, iter(stream(files, results=ALL))
    )[:3]
    assert 3 == len(stub.ClassifyDicom(iter(stream(files))).classification.nodes)


def test_an_answer_that_the_caller_could_not_receive(stub):
    """It is told how large the answer is, where gRPC would only fail."""
    asked = stream(seg_study(), results=ALL, max_response_bytes=100_000)
    code, _, reason, message = refusal(stub.ClassifyDicom, iter(asked))

    assert ("RESOURCE_EXHAUSTED", "RESPONSE_TOO_LARGE") == (code, reason)
    assert "the caller takes 100000; ask for fewer results" in message


def test_a_small_file_that_would_become_large(stub):
    """A slice that claims 60000 x 60000 pixels is refused before any pixel is decoded."""
    code, _, reason, _ = refusal(stub.ClassifyDicom, iter(stream(changed(Rows=60_000, Columns=60_000))))

    assert ("RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE") == (code, reason)


@pytest.mark.parametrize(
    ("fields", "reason"), [({"model": "vgg"}, "UNKNOWN_MODEL"), ({"results": [9]}, "INVALID_OPTION")]
)
def test_a_wrong_header_is_refused_before_the_instances_come(stub, fields, reason):
    """Who streams in vain need not send a study to hear of it."""
    answered = threading.Event()

    def header_only():
        yield stream(seg_study(), **fields)[0]
        answered.wait()

    try:
        assert reason == refusal(stub.ClassifyDicom, header_only())[2]
    finally:
        answered.set()


def test_a_study_beyond_the_limit_is_refused_by_its_header(stub):
    """The server of these tests takes 8 MiB."""
    header = messages.DicomHeader(instance_bytes=[9 * 2**20])

    assert "REQUEST_TOO_LARGE" == refusal(stub.ClassifyDicom, iter([messages.ClassifyDicomRequest(header=header)]))[2]
