"""Spans, as a collector gets them from a server."""

from itertools import pairwise

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.collector import attributes, collecting
from tests.service.scans import request
from tests.service.servers import running_server

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SERVICE = "nodelens.v1.NodeClassifierService"


@pytest.fixture(scope="module")
def spans(models, tmp_path_factory):
    """What a server sends of an answer to a caller that has a trace, a refusal, and a probe, until it has ended."""
    metadata = (("traceparent", f"00-{TRACE}-{PARENT}-01"), ("tracestate", "who=Canary"))
    with pytest.MonkeyPatch.context() as environ, collecting() as collector:
        environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        with (
            running_server(models, tmp_path_factory.mktemp("traced") / "log.jsonl") as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            stub = NodeClassifierServiceStub(channel)
            stub.Classify(request(request_id="study-7"), metadata=metadata)
            with pytest.raises(grpc.RpcError):
                stub.Classify(request(model="vgg"), metadata=(("traceparent", "Canary"),))
            health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    return collector


def test_a_call_is_a_span_of_its_callers_trace(spans):
    """It has the names that OpenTelemetry gives to calls, and the request's id."""
    [span] = [span for span in spans.spans if attributes(span).get("nodelens.request_id") == "study-7"]

    assert f"{SERVICE}/Classify" == span.name
    assert span.SPAN_KIND_SERVER == span.kind
    assert (TRACE, PARENT) == (span.trace_id.hex(), span.parent_span_id.hex())
    assert {
        "rpc.system": "grpc",
        "rpc.service": SERVICE,
        "rpc.method": "Classify",
        "rpc.grpc.status_code": 0,
        "nodelens.request_id": "study-7",
    } == attributes(span)


def test_the_stages_lie_within_the_call(spans):
    """Decode, preprocess, inference and encode, one after the other, each with a duration."""
    [call] = [span for span in spans.spans if attributes(span).get("nodelens.request_id") == "study-7"]
    stages = sorted(
        (span for span in spans.spans if span.parent_span_id == call.span_id),
        key=lambda span: span.start_time_unix_nano,
    )
    times = [time for span in stages for time in (span.start_time_unix_nano, span.end_time_unix_nano)]

    assert ["decode", "preprocess", "queue", "inference", "encode"] == [span.name for span in stages]
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in stages)
    bounds = [call.start_time_unix_nano, *times, call.end_time_unix_nano]
    # Each time is rounded to a nanosecond, out of seconds.
    assert all(later - earlier > -1000 for earlier, later in pairwise(bounds))


def test_a_refusal_is_a_span_and_a_probe_is_none(spans):
    """A refusal is the caller's error, not the server's; a traceparent that is none begins a new trace."""
    calls = [span for span in spans.spans if attributes(span)]
    [refusal] = [span for span in calls if attributes(span)["rpc.grpc.status_code"] == 5]

    assert 2 == len(calls)
    assert refusal.status.STATUS_CODE_UNSET == refusal.status.code
    assert "" == refusal.parent_span_id.hex()


def test_nothing_else_of_the_callers_is_sent(spans):
    """Neither tracestate nor what should have been a traceparent; the service has its name."""
    sent = "".join(str(request) for request in spans.requests)

    assert "Canary" not in sent
    assert "nodelens" in [each.value.string_value for each in spans.requests[0].resource_spans[0].resource.attributes]


def test_a_collector_that_is_gone_does_not_hold_up_the_end(models, tmp_path, monkeypatch):
    """The server answers and ends, and its log stays JSON."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    with (
        running_server(models, tmp_path / "log.jsonl") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        assert NodeClassifierServiceStub(channel).Classify(request()).classification.nodes
        server.process.terminate()
        assert 0 == server.process.wait(timeout=15)
    assert {"{"} == {line[0] for line in (tmp_path / "log.jsonl").read_text().splitlines()}
