"""A server that has more to do than it can, and callers that do not play along."""

import subprocess
import sys
import time

import grpc
import pytest

from imaging.geometry import Geometry
from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.wire import geometry_message
from tests.service.scans import request, stream
from tests.service.servers import running_server
from tests.service.streams import eventually, fault_of, held_streams
from tests.service.test_metrics import samples

PLACES = 3
OPTIONS = ["--concurrent", "1", "--max-queue", "2", "--max-nodes", "3", "--max-voxels", "200000", "--idle-timeout"]

CLIENT = """
import sys, time
import grpc
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request, stream

def parts():
    yield from stream(request())[:3]
    time.sleep(600)

NodeClassifierServiceStub(grpc.insecure_channel(sys.argv[1])).ClassifyStream(parts())
"""


@pytest.fixture(scope="module")
def full(models, tmp_path_factory):
    """A server with three places."""
    with running_server(models, tmp_path_factory.mktemp("full") / "log.jsonl", *OPTIONS, "60") as running:
        yield running


@pytest.fixture(scope="module")
def calls(full):
    """Its calls."""
    with grpc.insecure_channel(full.address) as channel:
        yield NodeClassifierServiceStub(channel)


def held_bytes(server):
    """Bytes that the requests hold."""
    return samples(server)["nodelens_in_flight_bytes", ()]


def footprint():
    """Bytes that one of the tests' requests holds: a plain CT, a mask of bytes and what it is turned into."""
    asked = request()
    return len(asked.volume.voxels) + 2 * len(asked.mask.voxels)


def test_beyond_its_places_a_server_refuses_and_then_recovers(full, calls):
    """Who comes too much is told so by the header, with a time; who was taken is answered rightly; then all is well."""
    expected = calls.Classify(request()).classification.nodes
    with held_streams(calls, PLACES) as taken:
        assert eventually(lambda: held_bytes(full) == PLACES * footprint())
        for refused in (calls.Classify, lambda asked: calls.ClassifyStream(iter(stream(asked)[:1]))):
            with pytest.raises(grpc.RpcError) as error:
                refused(request())
            code, reason, retry_s = fault_of(error.value)
            assert ("RESOURCE_EXHAUSTED", "OVERLOADED") == (code, reason)
            assert retry_s > 0
    for call in taken:
        assert list(expected) == list(call.result(timeout=60).classification.nodes)
    assert list(expected) == list(calls.Classify(request()).classification.nodes)
    assert eventually(lambda: held_bytes(full) == 0)


def test_ten_times_as_many_as_there_is_room_for(full, calls):
    """Of 30 calls at once each is answered rightly or refused with a time to come back; the server then answers."""
    expected = list(calls.Classify(request()).classification.nodes)
    pending = [calls.Classify.future(request()) for _ in range(10 * PLACES)]
    failed = [call.exception(timeout=120) for call in pending]

    answers = [call.result().classification for call, error in zip(pending, failed, strict=True) if error is None]
    assert len(answers) >= 1
    assert all(expected == list(answer.nodes) for answer in answers)
    assert {("RESOURCE_EXHAUSTED", "OVERLOADED", True)} >= {
        (code, reason, retry_s > 0) for code, reason, retry_s in map(fault_of, filter(None, failed))
    }
    assert expected == list(calls.Classify(request()).classification.nodes)


def test_a_client_that_is_killed_leaves_nothing(full):
    """What it reserved is free again as soon as its connection ends."""
    words = [sys.executable, "-c", CLIENT, full.address]
    with subprocess.Popen(words) as client:
        try:
            assert eventually(lambda: held_bytes(full) == footprint(), within_s=60)
        finally:
            client.kill()
    assert eventually(lambda: held_bytes(full) == 0)


@pytest.mark.parametrize("change", [{}, {"node_separation": messages.NODE_SEPARATION_LABELS}])
def test_a_mask_of_very_many_nodes_is_refused(calls, change):
    """A mask of noise is told as what it is, before its nodes are cut."""
    asked = request(options=messages.ClassifyOptions(**change))
    asked.mask.voxels = bytes([n % 7 if n % 3 == 0 else 0 for n in range(251)]) * 458 + bytes(242)
    with pytest.raises(grpc.RpcError, match="more than 3 nodes") as error:
        calls.Classify(asked)
    assert ("RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE", 0.0) == fault_of(error.value)


def test_a_grid_of_very_many_voxels_is_refused(calls):
    """The number allowed is told."""
    asked = request()
    asked.volume.geometry.size[2] = 300
    with pytest.raises(grpc.RpcError, match="this server takes 200000") as error:
        calls.Classify(asked)
    assert ("RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE", 0.0) == fault_of(error.value)


@pytest.fixture(scope="module")
def hasty(models, tmp_path_factory):
    """A server that waits 2 s for an upload to go on, and 5 s for its end."""
    log = tmp_path_factory.mktemp("hasty") / "log.jsonl"
    with running_server(models, log, *OPTIONS, "2", "--max-seconds", "5", "--max-voxels", "40000000") as running:
        yield running


def test_who_sends_nothing_or_next_to_nothing_is_ended(hasty):
    """Three slow callers take every place, no worker, and are ended; meanwhile and afterwards others are served."""
    with grpc.insecure_channel(hasty.address) as channel:
        stub = NodeClassifierServiceStub(channel)
        with held_streams(stub, PLACES - 1) as calls:
            stub.Classify(request(), timeout=60)
            calls.append(stub.ClassifyStream.future(dribbled()))
            found = {fault_of(call.exception(timeout=60)) for call in calls}
        assert {("DEADLINE_EXCEEDED", "UPLOAD_STALLED", 0.0)} == found
        assert eventually(lambda: held_bytes(hasty) == 0)
        assert stub.Classify(request(), timeout=60).classification.nodes


def test_the_server_has_a_deadline_of_its_own(hasty):
    """A stream that goes on for longer than a request may take is ended, however fast it comes."""
    with grpc.insecure_channel(hasty.address) as channel:
        call = NodeClassifierServiceStub(channel).ClassifyStream.future(endless())
        assert ("DEADLINE_EXCEEDED", "TIME_SPENT", 0.0) == fault_of(call.exception(timeout=60))


def dribbled():
    """A header, and one byte at a time."""
    asked = stream(request(), chunk_bytes=1)
    for part in asked:
        yield part
        time.sleep(0.1)


def endless():
    """A large CT, a MiB every fifth of a second."""
    grid = Geometry((152, 512, 512), (1.0, 1.0, 1.0))
    asked = request()
    asked.volume.CopyFrom(images.Volume(geometry=geometry_message(grid), voxel_type=images.VOXEL_TYPE_INT16))
    yield messages.ClassifyStreamRequest(header=messages.ClassifyHeader(request=asked, volume_bytes=76 * 2**20))
    for n in range(76):
        chunk = messages.Chunk(target=messages.TARGET_VOLUME, offset=n * 2**20, data=bytes(2**20))
        yield messages.ClassifyStreamRequest(chunk=chunk)
        time.sleep(0.2)
