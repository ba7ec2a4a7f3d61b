"""A server from start to end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request, stream
from tests.service.servers import COMMAND, running_server
from tests.service.streams import fault_of


def test_sigterm_finishes_what_was_begun(models, tmp_path):
    """A CT that is being sent when SIGTERM comes is answered; new calls are refused; the exit code is 0."""
    with (
        running_server(models, tmp_path / "log.jsonl") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        parts = stream(request())

        def interrupted():
            yield from parts[:2]
            server.process.send_signal(signal.SIGTERM)
            yield from parts[2:]

        found = NodeClassifierServiceStub(channel).ClassifyStream(interrupted(), timeout=30).classification
        assert 3 == len(found.nodes)
        assert 0 == server.process.wait(timeout=30)


def test_who_watches_the_health_does_not_hold_up_the_end(models, tmp_path):
    """A watcher is told that the server is no longer ready, and its stream ends, however long calls may take."""
    with (
        running_server(models, tmp_path / "log.jsonl", "--grace", "3600") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        states = [next(watch).status]
        server.process.send_signal(signal.SIGTERM)
        states += [answer.status for answer in watch]

        assert [health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING] == states
        assert 0 == server.process.wait(timeout=60)


def test_a_server_tells_that_its_models_are_being_loaded(models, tmp_path):
    """The port answers meanwhile: alive, not ready, and calls are told when to come back; then all is well."""
    folder = tmp_path / "models"
    shutil.copytree(models / "cnn-gap", folder / "cnn-gap")
    slow = folder / "cnn" / "1" / "model.onnx"
    slow.parent.mkdir(parents=True)
    os.mkfifo(slow)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    words = [*COMMAND, "--models", folder, "--listen", address, "--metrics-port", "0"]
    with (
        (tmp_path / "log.jsonl").open("w") as log,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        grpc.insecure_channel(address) as channel,
    ):
        try:
            health, stub = health_pb2_grpc.HealthStub(channel), NodeClassifierServiceStub(channel)
            asked = {name: health_pb2.HealthCheckRequest(service=name) for name in ("", "liveness")}
            states = {name: health.Check(each, wait_for_ready=True, timeout=60).status for name, each in asked.items()}
            with pytest.raises(grpc.RpcError) as refused:
                stub.Classify(request(), timeout=60)
            with open(os.open(slow, os.O_WRONLY), "wb"):
                os.replace(shutil.copy(models / "cnn" / "1" / "model.onnx", tmp_path / "whole"), slow)
            assert process.stdout.readline().startswith("listening on")
            assert 3 == len(stub.Classify(request(), timeout=60).classification.nodes)
        finally:
            process.terminate()

    serving = health_pb2.HealthCheckResponse
    assert {"": serving.NOT_SERVING, "liveness": serving.SERVING} == states
    assert ("UNAVAILABLE", "NOT_SERVING", 1.0) == fault_of(refused.value)


def test_an_ipv6_address(models, tmp_path):
    """Calls and metrics are served on an address in brackets too."""
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"this machine has no IPv6: {error}")
    with (
        running_server(models, tmp_path / "log.jsonl", "--listen", "[::1]:0") as server,
        grpc.insecure_channel(server.address) as channel,
        urlopen(server.metrics_url) as page,
    ):
        assert 3 == len(NodeClassifierServiceStub(channel).Classify(request(), timeout=30).classification.nodes)
        assert b"nodelens_model_info" in page.read()


def test_the_server_has_no_torch():
    """Importing all that serves brings neither torch nor training with it."""
    code = "import sys, service.serve; print(sorted({'torch', 'training', 'onnx', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]" == done.stdout.strip()
