"""What the calls refuse, over real gRPC."""

import threading

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.encoding import Compression
from service.wire import volume_message
from tests.service.scans import GRID, empty_mask, request, scan, stream


def refusal(call, *arguments):
    """Code, field and reason of a call that must fail, and what is said."""
    with pytest.raises(grpc.RpcError) as error:
        call(*arguments)
    bad, info = BadRequest(), ErrorInfo()
    for detail in rpc_status.from_call(error.value).details:
        detail.Unpack(bad)
        detail.Unpack(info)
    field = bad.field_violations[0].field if bad.field_violations else ""
    return error.value.code().name, field, info.reason, error.value.details()


def probabilities(answer):
    """Of all nodes, in order."""
    return [node.probability for node in answer.classification.nodes]


def with_chunk(part, **changes):
    """A message whose chunk says something else."""
    chunk = messages.Chunk()
    chunk.CopyFrom(part.chunk)
    for field, value in changes.items():
        setattr(chunk, field, value)
    return messages.ClassifyStreamRequest(chunk=chunk)


def with_header(part, **changes):
    """A message whose header announces something else."""
    header = messages.ClassifyHeader(request=part.header.request, volume_bytes=460_800, mask_bytes=115_200)
    for field, value in changes.items():
        setattr(header, field, value)
    return messages.ClassifyStreamRequest(header=header)


@pytest.mark.parametrize(
    ("field", "values", "named"),
    [
        ("spacing_mm", [0.75, 0.8, 0.0], "volume.geometry.spacing_mm[2]"),
        ("spacing_mm", [-0.75, 0.8, 1.5], "volume.geometry.spacing_mm[0]"),
        ("direction", [1, 0, 0, 0, 1, 0.2, 0, 0, 1], "volume.geometry.direction"),
        ("size", [64, 60], "volume.geometry.size"),
    ],
)
def test_impossible_grids(stub, field, values, named):
    """The very value that is wrong is named."""
    asked = request()
    del getattr(asked.volume.geometry, field)[:]
    getattr(asked.volume.geometry, field).extend(values)

    assert ("INVALID_ARGUMENT", named, "INVALID_GEOMETRY") == refusal(stub.Classify, asked)[:3]


@pytest.mark.parametrize("change", [lambda voxels: voxels[:-2], lambda voxels: voxels + b"00"])
def test_bytes_that_do_not_fill_the_grid(stub, change):
    """Too few and too many bytes are told with both numbers."""
    asked = request()
    asked.volume.voxels = change(asked.volume.voxels)
    code, field, reason, message = refusal(stub.Classify, asked)

    assert ("INVALID_ARGUMENT", "volume.voxels", "INVALID_VOXELS") == (code, field, reason)
    assert str(len(asked.volume.voxels)) in message


def test_voxels_that_are_no_numbers(stub):
    """NaN is refused."""
    asked = request()
    asked.volume.voxels = np.full(GRID.shape, np.nan, "<f4").tobytes()

    assert ("INVALID_ARGUMENT", "volume.voxels") == refusal(stub.Classify, asked)[:2]


def test_a_mask_of_another_patient(stub):
    """A mask elsewhere in space is refused, with both places."""
    far = NodeMask(scan()[1].labels, Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0)))

    assert ("INVALID_ARGUMENT", "mask", "MASK_OUTSIDE_VOLUME") == refusal(stub.Classify, request(mask=far))[:3]


@pytest.mark.parametrize(("model", "version"), [("vgg", 0), ("cnn-gap", 9), ("broken", 1)])
def test_models_that_are_not_served(stub, model, version):
    """The error lists those that are."""
    code, _, reason, message = refusal(stub.Classify, request(model=model, model_version=version))

    assert ("NOT_FOUND", "UNKNOWN_MODEL") == (code, reason)
    assert "cnn 1, cnn-gap 1, cnn-gap 2" in message


def test_grids_beyond_the_limit(stub):
    """A grid that would not fit is refused, whatever bytes come with it."""
    asked = request()
    asked.volume.geometry.size[2] = 4_000_000_000

    assert "RESOURCE_EXHAUSTED" == refusal(stub.Classify, asked)[0]


def test_what_would_inflate_beyond_the_limit(stub):
    """CT and mask are measured by what they take in memory, not by what they take on the wire."""
    grid = Geometry((64, 256, 256), GRID.spacing_mm, GRID.origin_mm)
    asked = request(mask=empty_mask(grid))
    asked.volume.CopyFrom(volume_message(Volume(np.zeros(grid.shape, np.int16), grid), Compression.ZSTD))
    code, _, reason, message = refusal(stub.Classify, asked)

    assert asked.ByteSize() < 2**20
    assert ("RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE") == (code, reason)
    assert f"CT and mask take {3 * 64 * 256 * 256} bytes" in message


def test_a_wrong_header_is_refused_before_the_voxels_come(stub):
    """Who streams to a model that is not there need not send a CT to hear of it."""
    answered = threading.Event()

    def header_only():
        yield stream(request(model="vgg"))[0]
        answered.wait()

    try:
        assert "UNKNOWN_MODEL" == refusal(stub.ClassifyStream, header_only())[2]
    finally:
        answered.set()


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        (lambda parts: [], "part"),
        (lambda parts: parts[1:], "part"),
        (lambda parts: [parts[0], *parts], "part"),
        (lambda parts: parts[:-1], "header.mask_bytes"),
        (lambda parts: [*parts, parts[-1]], "chunk.offset"),
        (lambda parts: [*parts[:3], parts[2], *parts[3:]], "chunk.offset"),
        (lambda parts: [parts[0], parts[2], parts[1], *parts[3:]], "chunk.offset"),
        (lambda parts: [*parts[:4], *parts[5:]], "chunk.offset"),
        (lambda parts: [*parts[:4], with_chunk(parts[4], offset=29_999), *parts[5:]], "chunk.offset"),
        (lambda parts: [*parts[:4], with_chunk(parts[4], crc32c=1), *parts[5:]], "chunk.crc32c"),
        (lambda parts: [*parts[:4], with_chunk(parts[4], target=7), *parts[5:]], "chunk.target"),
        (lambda parts: [with_header(parts[0], volume_bytes=460_801), *parts[1:]], "header.volume_bytes"),
        (lambda parts: [with_header(parts[0], volume_bytes=460_799), *parts[1:]], "header.volume_bytes"),
        (lambda parts: [with_header(parts[0], mask_bytes=1), *parts[1:]], "header.mask_bytes"),
        (lambda parts: [with_header(parts[0], mask_bytes=2**20), *parts[1:]], "header.mask_bytes"),
    ],
)
def test_streams_out_of_order(stub, parts, named):
    """
    What a stream lacks, has twice, or says wrongly is told, and the next stream is answered.

    No header, two headers; chunks that are missing, doubled, swapped, overlapping, damaged, or part of nothing; more
    or fewer bytes than were announced.
    """
    sent = parts(stream(request()))
    expected = probabilities(stub.Classify(request()))

    assert ("INVALID_ARGUMENT", named, "INVALID_UPLOAD") == refusal(stub.ClassifyStream, iter(sent))[:3]
    assert expected == probabilities(stub.ClassifyStream(iter(stream(request()))))


def test_an_empty_request(stub):
    """A message without CT is refused by the field that is missing."""
    assert "volume.geometry.size" == refusal(stub.Classify, messages.ClassifyRequest())[1]
