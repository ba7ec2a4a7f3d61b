"""What happens around every call."""

import json
import time

import grpc
import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from tests.service.scans import request

CANARY = "Canary^Carla"


def lines(server, request_id, count):
    """The log's lines of a request, as soon as there are so many."""
    for _ in range(100):
        found = [json.loads(line) for line in server.log.read_text().splitlines() if line.endswith("}")]
        mine = [line for line in found if line.get("request_id") == request_id]
        if len(mine) >= count:
            return mine
        time.sleep(0.05)
    raise AssertionError(f"the log has no {count} lines of {request_id}")


def test_each_call_is_one_line(server, stub):
    """The line has the request's id, the model, the number of nodes, the code and the duration."""
    stub.Classify(request(request_id="call-1"))
    [line] = lines(server, "call-1", 1)

    assert line["seconds"] > 0
    assert {"event": "call", "method": "Classify", "code": "OK", "model": "cnn-gap", "version": 1, "nodes": 3} == {
        key: line[key] for key in ("event", "method", "code", "model", "version", "nodes")
    }


def test_a_refusal_tells_its_reason(server, stub):
    """The reason is logged, not the message."""
    with pytest.raises(grpc.RpcError):
        stub.Classify(request(request_id="call-2", options=messages.ClassifyOptions(operating_point=2.0)))
    [line] = lines(server, "call-2", 1)

    assert ("INVALID_ARGUMENT", "INVALID_OPTION") == (line["code"], line["reason"])


def test_nothing_that_was_sent_is_logged(server, stub):
    """A name in any field of text reaches neither the log nor the server's metrics."""
    for fields in ({"request_id": CANARY}, {"model": CANARY}):
        with pytest.raises(grpc.RpcError):
            stub.Classify(request(**fields))
    stub.Classify(request(request_id="call-3"))
    lines(server, "call-3", 1)

    assert CANARY not in server.log.read_text()
