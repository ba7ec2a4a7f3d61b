"""A real Prometheus watches a real server, in which something goes wrong: the right alert fires, and no other."""

import shutil
from contextlib import contextmanager

import grpc
import pytest

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.deploy.prometheus import faster, running_prometheus
from tests.service.admission.test_overload import footprint
from tests.service.conftest import models  # noqa: F401 -- a fixture
from tests.service.models.live import eventually
from tests.service.models.published import publish
from tests.service.scans import request
from tests.service.servers import running_server
from tests.service.streams import held_streams
from tests.service.test_drift import knowing, scans, score  # noqa: F401 -- a fixture
from tests.service.test_metrics import samples

ON_CPU = ("--device", "cpu", "--threads", "1")
PLACES = 3


@pytest.fixture(scope="module")
def sound(models, tmp_path_factory):  # noqa: F811
    """A folder of one model, in which nothing is wrong."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copytree(models / "cnn-gap" / "1", folder / "cnn-gap" / "1")
    return folder


@contextmanager
def watched(models, tmp_path, factor, *options):  # noqa: F811
    """A server, its calls, and the Prometheus that watches it."""
    with running_server(models, tmp_path / "log.jsonl", *ON_CPU, *options) as server:
        target = {"nodelens": server.metrics_url.split("/")[2]}
        with (
            running_prometheus(tmp_path / "prometheus", target, factor) as prometheus,
            grpc.insecure_channel(server.address) as channel,
        ):
            yield prometheus, NodeClassifierServiceStub(channel), server


def answered(stub, count):
    """Make calls that are answered, one after the other."""
    for _ in range(count):
        stub.Classify(request(), timeout=60)


def test_only_time_runs_faster():
    """Windows, offsets and patience are shortened, to 2 s at least; thresholds, labels and ages are not."""
    assert "x[2000ms] offset 144000ms > 600" == faster("x[5m] offset 1d > 600", 600)
    assert "for: 12000ms\nlabels: {window: 1h, le: 5}" == faster("for: 2h\nlabels: {window: 1h, le: 5}", 600)


def test_a_bad_model_file(sound, tmp_path):
    """It is told until it is mended."""
    shutil.copytree(sound, folder := tmp_path / "own")
    with watched(folder, tmp_path, 60, "--poll-seconds", "0.1") as (prometheus, stub, _):
        answered(stub, 3)
        assert set() == prometheus.fired()
        publish(b"no model", folder / "cnn-gap" / "2" / "model.onnx")
        eventually(lambda: {"NodeLensModelNotTakenUp"} == prometheus.firing())
        shutil.rmtree(folder / "cnn-gap" / "2")
        eventually(lambda: set() == prometheus.firing())

        assert {"NodeLensModelNotTakenUp"} == prometheus.fired()


def test_more_calls_than_there_is_room_for(sound, tmp_path):
    """Two of seven calls are refused: a ticket; the others are answered, so that nobody is woken."""
    options = ("--concurrent", "1", "--max-queue", str(PLACES - 1))
    with watched(sound, tmp_path, 60, *options) as (prometheus, stub, server):

        def told_after_some_more():
            with held_streams(stub, PLACES) as taken:
                eventually(lambda: PLACES * footprint() == samples(server)["nodelens_in_flight_bytes", ()])
                refused = [stub.Classify.future(request()) for _ in range(8)]
                assert {grpc.StatusCode.RESOURCE_EXHAUSTED} == {call.code() for call in refused}
            assert all(call.result(timeout=60) for call in taken)
            answered(stub, 17)
            return "NodeLensRequestsRefused" in prometheus.firing()

        answered(stub, 20)
        eventually(told_after_some_more)

        assert {"NodeLensRequestsRefused"} == prometheus.fired()


def test_inputs_that_the_model_did_not_learn_from(knowing, tmp_path):  # noqa: F811
    """CTs as in training are quiet; slices of 5 mm are told, for as long as they come."""
    with watched(knowing, tmp_path, 600) as (prometheus, stub, _):
        score(stub, scans(100, (1.0, 1.25, 1.5), seed=1))
        eventually(lambda: prometheus.ask("model:nodelens_input_drift:avg"))
        assert set() == prometheus.fired()
        score(stub, scans(40, (5.0,), seed=3))
        eventually(lambda: {"NodeLensInputDrift"} == prometheus.firing())

        assert {"NodeLensInputDrift"} == prometheus.fired()


def test_a_server_that_is_not_there_any_more(sound, tmp_path):
    """It pages, once."""
    with watched(sound, tmp_path, 60) as (prometheus, stub, server):
        answered(stub, 3)
        assert set() == prometheus.fired()
        server.process.terminate()
        eventually(lambda: {"NodeLensDown"} == prometheus.firing())

        assert {"NodeLensDown"} == prometheus.fired()
