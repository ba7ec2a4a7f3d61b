"""What is told about who comes in."""

import grpc
import pytest

from service.faults import Reason
from tests.service.scans import request
from tests.service.servers import running_server
from tests.service.test_metrics import grown, samples


def test_a_server_that_answers_is_ready(server):
    """Its limits are told beside it."""
    told = samples(server)

    assert 1 == told["nodelens_ready", ()]
    assert 64 == told["nodelens_queue_limit", ()]
    assert 4096 * 2**20 == told["nodelens_in_flight_limit_bytes", ()]


def test_a_server_without_a_model_is_not_ready(models, tmp_path):
    """One whose models did not pass their gates runs, and answers nothing."""
    (tmp_path / "own" / "cnn-gap").mkdir(parents=True)
    (tmp_path / "own" / "cnn-gap" / "2").symlink_to(models / "cnn-gap" / "2")
    with running_server(tmp_path / "own", tmp_path / "log.jsonl") as idle:
        assert 0 == samples(idle)["nodelens_ready", ()]


def test_refusals_are_counted_by_reason(server, stub):
    """Each reason is there from the start, so that the first refusal is a growth from 0."""
    before = samples(server)
    with pytest.raises(grpc.RpcError):
        stub.Classify(request(model="vgg"))
    after = samples(server)

    assert {reason.value for reason in Reason} == {
        dict(labels)["reason"] for name, labels in before if name == "nodelens_refused_total"
    }
    assert 1 == grown(before, after, "nodelens_refused_total", reason="UNKNOWN_MODEL")
    assert 0 == grown(before, after, "nodelens_refused_total", reason="OVERLOADED")
