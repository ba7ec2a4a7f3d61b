"""Calls that end before they are answered, over real gRPC."""

import time

import grpc
import numpy as np
import pytest

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.inference.graphs import write_obedient
from tests.service.scans import request
from tests.service.servers import running_server
from tests.service.test_metrics import samples

GRID = Geometry((40, 120, 120), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
NODES = 2000
ENOUGH_S = 60.0
RPC = (("grpc_method", "Classify"), ("grpc_service", "nodelens.v1.NodeClassifierService"), ("grpc_type", "unary"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of a model that computes for hours if its crop is bright throughout."""
    folder = tmp_path_factory.mktemp("obedient")
    write_obedient(folder / "obedient" / "1" / "model.onnx")
    with running_server(folder, folder / "log.jsonl", "--workers", "1", "--max-nodes", str(NODES)) as running:
        yield running


def asked(hu, node_count):
    """A request for so many nodes in a CT of one density."""
    labels = np.zeros(GRID.shape, np.uint16)
    places = [(k, j, i) for k in range(1, 36, 5) for j in range(1, 116, 5) for i in range(1, 116, 5)]
    for label, (k, j, i) in enumerate(places[:node_count], start=1):
        labels[k : k + 3, j : j + 3, i : i + 3] = label
    options = messages.ClassifyOptions(
        node_separation=messages.NODE_SEPARATION_LABELS, edge_policy=messages.EDGE_POLICY_PAD
    )
    volume = Volume(np.full(GRID.shape, hu, np.int16), GRID)
    return request(volume, NodeMask(labels, GRID), model="obedient", model_version=1, options=options)


def bright():
    """A request whose run would take hours."""
    inner = np.zeros(GRID.shape, np.uint8)
    inner[19:22, 59:62, 59:62] = 1
    volume = Volume(np.full(GRID.shape, 1000, np.int16), GRID)
    return request(volume, NodeMask(inner, GRID), model="obedient", model_version=1)


def until(server, fulfilled):
    """The server's metrics, as soon as they fulfil a condition."""
    end = time.monotonic() + ENOUGH_S
    while not fulfilled(found := samples(server)):
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


def at_work(found):
    """Whether a request is being answered."""
    return found["nodelens_in_flight_bytes", ()] > 0


def handled(found, code):
    """Calls that ended with a code."""
    return found.get(("grpc_server_handled_total", (("grpc_code", code), *RPC)), 0.0)


def spared(found):
    """Nodes that were not worked for."""
    return found["nodelens_nodes_cancelled_total", ()]


def cut(found):
    """Requests whose nodes have all been cut."""
    return found.get(("nodelens_stage_seconds_count", (("stage", "preprocess"),)), 0.0)


@pytest.mark.parametrize("code", ["CANCELLED", "DEADLINE_EXCEEDED"])
def test_work_ends_with_its_call(server, code):
    """Most of the nodes of a call that is cancelled, or whose time is over, are never cut; the next one is answered."""
    before = samples(server)
    with grpc.insecure_channel(server.address) as channel:
        stub = NodeClassifierServiceStub(channel)
        call = stub.Classify.future(asked(0, NODES), timeout=1.0 if code == "DEADLINE_EXCEEDED" else None)
        if code == "CANCELLED":
            until(server, at_work)
            time.sleep(0.5)
            call.cancel()
        after = until(server, lambda found: handled(found, code) > handled(before, code))

        assert NODES / 4 < spared(after) - spared(before) < NODES
        assert cut(before) == cut(after)
        assert not at_work(after)
        assert 2 == len(stub.Classify(asked(0, 2), timeout=ENOUGH_S).classification.nodes)


def test_a_run_ends_with_its_only_call(server):
    """A run of hours ends when the client goes, so that the next request gets the device."""
    before = samples(server)
    with grpc.insecure_channel(server.address) as channel:
        call = NodeClassifierServiceStub(channel).Classify.future(bright())
        until(server, at_work)
        time.sleep(0.5)
        call.cancel()
        after = until(server, lambda found: handled(found, "CANCELLED") > handled(before, "CANCELLED"))
        found = NodeClassifierServiceStub(channel).Classify(asked(0, 2), timeout=ENOUGH_S).classification

    assert 1 == spared(after) - spared(before)
    assert 2 == len(found.nodes)
