"""A caller that dies leaves the server as it was."""

import subprocess
import sys
import time

from tests.service.scans import request
from tests.service.test_metrics import samples

DYING = """
import sys, time, grpc
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request, stream

def half():
    parts = stream(request())
    yield from parts[:20]
    sys.stdout.write("sent\\n")
    sys.stdout.flush()
    time.sleep(3600)

with grpc.insecure_channel(sys.argv[1]) as channel:
    NodeClassifierServiceStub(channel).ClassifyStream(half())
"""


def ended_count(server):
    """Streamed calls that have ended, however they did."""
    page = samples(server).items()
    return sum(
        value
        for (name, labels), value in page
        if name == "grpc_server_handled_total" and dict(labels)["grpc_method"] == "ClassifyStream"
    )


def test_a_caller_that_is_killed_in_the_middle_of_its_stream(server, stub):
    """Its call is ended, and the next good request gets the probabilities that it always gets."""
    expected = [node.probability for node in stub.Classify(request()).classification.nodes]
    before = ended_count(server)
    with subprocess.Popen([sys.executable, "-c", DYING, server.address], stdout=subprocess.PIPE, text=True) as caller:
        assert "sent\n" == caller.stdout.readline()
        caller.kill()
    for _ in range(600):
        if ended_count(server) > before:
            break
        time.sleep(0.1)

    assert before + 1 == ended_count(server)
    assert expected == [node.probability for node in stub.Classify(request()).classification.nodes]
