"""How a client holds on to a server, over real connections."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import NodeClassifier
from service.connection import Connection
from service.refusal import ServerUnreachable
from service.retry import SERVICE, RetryPolicy
from service.security.credentials import PLAINTEXT
from tests.service.scans import request, scan, stream
from tests.service.servers import running_server

ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def failing():
    """The address of a server that fails its first calls, and a function that tells how many it was asked."""
    asked = []

    def answer(request, context):
        asked.append(request)
        if len(asked) < 4:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        return messages.ListModelsResponse()

    method = grpc.unary_unary_rpc_method_handler(
        answer, response_serializer=messages.ListModelsResponse.SerializeToString
    )
    server = grpc.server(
        ThreadPoolExecutor(2), handlers=[grpc.method_handlers_generic_handler(SERVICE, {"ListModels": method})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    states = health.HealthServicer()
    states.set(SERVICE, health_pb2.HealthCheckResponse.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(states, server)
    server.start()
    yield f"127.0.0.1:{port}", lambda: len(asked)
    server.stop(None).wait()


def test_grpc_repeats_a_call_that_is_not_streamed(failing):
    """A server that says three times that it is not available is asked a fourth time."""
    address, asked_count = failing
    with NodeClassifier(address) as classifier:
        assert () == classifier.models()
    assert 4 == asked_count()


def test_without_retries_one_failure_is_told(failing):
    """Who wants one attempt makes one."""
    address, asked_count = failing
    with NodeClassifier(address, connection=Connection(ONCE)) as classifier, pytest.raises(ServerUnreachable):
        classifier.models()
    assert 1 == asked_count()


def test_a_server_that_says_it_is_not_ready_is_not_asked(failing):
    """Where the health is watched, a call fails on this side."""
    address, asked_count = failing
    watching = Connection(ONCE, watch_health=True)
    with NodeClassifier(address, connection=watching) as classifier, pytest.raises(ServerUnreachable):
        classifier.models()
    assert 0 == asked_count()


def test_a_server_that_freezes_is_noticed_long_before_the_deadline(models, tmp_path):
    """A machine that went away without a word is found out by keepalive: the call fails, and not by its deadline."""
    impatient = Connection(ONCE, keepalive_s=0.2, keepalive_timeout_s=0.2)
    with running_server(models, tmp_path / "log.jsonl") as server:
        freeze = lambda sent, total: os.kill(server.process.pid, signal.SIGSTOP)  # noqa: E731 -- a callback
        try:
            with (
                NodeClassifier(server.address, timeout_s=3600.0, connection=impatient) as classifier,
                pytest.raises(ServerUnreachable, match=r"ping timeout|Connection timed out"),  # gRPC's word, or TCP's
            ):
                classifier.classify(*scan(), "cnn-gap", progress=freeze)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)


def test_a_server_bears_being_asked_whether_it_is_there(server):
    """A call that waits is not cut off because its client asks often."""
    often = Connection(ONCE, keepalive_s=0.5)
    parts = stream(request())

    def slowly():
        yield parts[0]
        time.sleep(6.0)
        yield from parts[1:]

    with PLAINTEXT.channel(server.address, often.options()) as channel:
        found = NodeClassifierServiceStub(channel).ClassifyStream(slowly(), timeout=60).classification

    assert 3 == len(found.nodes)
