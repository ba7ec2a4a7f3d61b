"""Models that change while a server answers, over real files and real gRPC."""

import hashlib
import os
import shutil
import signal
import threading
import time

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2
from grpc_status import rpc_status

from tests.service.models.live import caller, eventually
from tests.service.models.published import BAD, publish, shifted, variant
from tests.service.scans import request, stream
from tests.service.servers import running_server
from tests.service.test_metrics import samples

SERVING = health_pb2.HealthCheckResponse.SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


@pytest.fixture(scope="module")
def content(models):
    """A sound file whose gates passed."""
    return (models / "cnn-gap" / "1" / "model.onnx").read_bytes()


@pytest.fixture(scope="module")
def folder(content, tmp_path_factory):
    """The folder of the server below; each test has a model of its own in it."""
    place = tmp_path_factory.mktemp("live")
    publish(content, place / "cnn-gap" / "1" / "model.onnx")
    return place


@pytest.fixture(scope="module")
def live(folder, tmp_path_factory):
    """A server that looks at its folder ten times a second."""
    log = tmp_path_factory.mktemp("live-server") / "log.jsonl"
    with running_server(folder, log, "--poll-seconds", "0.1", "--threads", "1") as server, caller(server) as calls:
        yield calls


@pytest.fixture
def own(live, folder, content):
    """Publishes contents as version 1 of a model of the test's own, which is served at first: ``own(name)``."""

    def publishing(name):
        path = folder / name / "1" / "model.onnx"
        publish(variant(content, name=name), path)
        eventually(lambda: live.digest(name) == digest(path))
        return path

    return publishing


def digest(path):
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def told_models(calls):
    """The names among the metrics of served models."""
    return {dict(labels)["model"] for name, labels in samples(calls.server) if name == "nodelens_model_info"}


def test_no_call_notices_that_a_model_is_replaced(live, own):
    """Under load each answer is whole: the probability is that of the file whose digest is in the answer."""
    path = own("swapped")
    whole, answers, ending = path.read_bytes(), [], threading.Event()

    def ask():
        while not ending.is_set():
            answers.append(live.asked("swapped"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for cycle in range(5):
        publish(shifted(whole, cycle / 4), path)
        eventually(lambda: live.digest("swapped") == digest(path))
        seen = len(answers)
        eventually(lambda seen=seen: len(answers) > seen + 2 or not any(thread.is_alive() for thread in threads))
    ending.set()
    for thread in threads:
        thread.join()

    by_digest = {}
    for told, probability in answers:
        by_digest.setdefault(told, set()).add(probability)
    assert 5 <= len(by_digest) <= 6
    assert {1} == {len(probabilities) for probabilities in by_digest.values()}
    assert len(by_digest) == len(set.union(*by_digest.values()))
    assert answers[-1] == live.asked("swapped")


def test_a_call_that_was_begun_ends_with_the_model_it_began_with(live, own):
    """A CT that is being sent while its model is replaced, and then removed, is answered by the model of its header."""
    path = own("lent")
    before = digest(path)
    parts = stream(request(model="lent"))

    def interrupted():
        yield from parts[:2]
        publish(shifted(path.read_bytes(), 1.0), path)
        eventually(lambda: live.digest("lent") not in ("", before))
        shutil.rmtree(path.parents[1])
        eventually(lambda: live.listed("lent") is None)
        yield from parts[2:]

    answer = live.stub.ClassifyStream(interrupted(), timeout=120).classification
    assert before == answer.model.digest
    eventually(lambda: live.logged("model released", "lent") == 2)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_told_and_disturbs_nobody(live, own, kind):
    """The good model answers on; the list, the log and a metric tell of the bad file until a good one comes."""
    path = own(name := f"good-{list(BAD).index(kind)}")
    whole, before = path.read_bytes(), live.asked(name)
    publish(BAD[kind][0](whole), path)
    eventually(lambda: live.listed(name).problem)

    assert live.listed(name).ready
    assert before == live.asked(name)
    assert "SERVING" == live.health(name)
    assert 1 == samples(live.server)["nodelens_model_load_failures_total", (("model", name),)]
    assert 1 == live.logged("model not served", name)
    publish(shifted(whole, 1.0), path)
    eventually(lambda: not live.listed(name).problem)
    assert digest(path) == live.asked(name)[0] != before[0]


def test_a_file_that_grows_is_served_when_it_is_whole(live, own):
    """Who writes into the place itself, slowly, disturbs nobody either."""
    path = own("growing")
    whole, before = shifted(path.read_bytes(), 1.0), live.digest("growing")
    with path.open("wb") as file:
        for start in range(0, len(whole), len(whole) // 5):
            file.write(whole[start : start + len(whole) // 5])
            file.flush()
            os.fsync(file.fileno())
            time.sleep(0.15)
            assert live.asked("growing")[0] in (before, hashlib.sha256(whole).hexdigest())
    eventually(lambda: live.digest("growing") == digest(path))

    assert "" == live.listed("growing").problem


def test_a_new_model_that_is_bad_is_there_and_does_not_serve(live, folder):
    """Its health says so, and calls for it are refused."""
    publish(b"not a model", folder / "bad" / "1" / "model.onnx")
    eventually(lambda: live.listed("bad"))

    assert "NOT_SERVING" == live.health("bad")
    assert grpc.StatusCode.NOT_FOUND is live.refusal("bad")
    assert "SERVING" == live.health()


def test_models_come_and_go(live, own):
    """A folder that is removed takes its model with it, out of list, health and metrics; who watches is told."""
    path = own("guest")
    watch = live.healths.Watch(health_pb2.HealthCheckRequest(service="guest"))
    states = [next(watch).status]
    assert "SERVING" == live.health("guest")
    assert "guest" in told_models(live)
    shutil.rmtree(path.parents[1])
    states.append(next(watch).status)
    watch.cancel()

    assert [SERVING, SERVICE_UNKNOWN] == states
    assert None is live.listed("guest")
    assert "NOT_FOUND" == live.health("guest")
    assert grpc.StatusCode.NOT_FOUND is live.refusal("guest")
    assert "guest" not in told_models(live)


def test_without_a_model_the_server_is_not_ready(content, tmp_path):
    """
    Ungated models do not make a server ready, and are refused with a reason; the operator's SIGHUP takes up a released
    one at once, without polling; when it is removed the server is alive, and not ready again.
    """
    folder, log = tmp_path / "models", tmp_path / "log.jsonl"
    publish(variant(content, gates=()), folder / "cnn-gap" / "1" / "model.onnx")
    with running_server(folder, log, "--poll-seconds", "0") as server, caller(server) as calls:
        assert ["NOT_SERVING", "NOT_SERVING", "SERVING"] == [calls.health(n) for n in ("", "cnn-gap", "liveness")]
        assert not calls.listed("cnn-gap").ready
        assert "--allow-research" in calls.listed("cnn-gap").problem
        with pytest.raises(grpc.RpcError) as error:
            calls.asked("")
        info = ErrorInfo()
        assert rpc_status.from_call(error.value).details[-1].Unpack(info)
        assert (grpc.StatusCode.FAILED_PRECONDITION, "MODEL_NOT_RELEASED") == (error.value.code(), info.reason)

        publish(variant(content, version=2), folder / "cnn-gap" / "2" / "model.onnx")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: calls.health() == "SERVING")
        assert "SERVING" == calls.health("cnn-gap")
        assert calls.digest("cnn-gap", 2) == calls.asked("", version=0)[0]

        shutil.rmtree(folder / "cnn-gap")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: calls.health() == "NOT_SERVING")
        assert "SERVING" == calls.health("liveness")
        assert grpc.StatusCode.NOT_FOUND is calls.refusal("", version=0)

        shutil.rmtree(folder)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "the models' folder cannot be looked at" in log.read_text())
        publish(content, folder / "cnn-gap" / "1" / "model.onnx")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: calls.health() == "SERVING")
