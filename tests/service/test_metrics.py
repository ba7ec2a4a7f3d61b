"""Metrics, as Prometheus reads them."""

import urllib.request

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.health import CALLS
from service.metrics import Metrics
from tests.service.scans import request


def samples(server):
    """All samples of the page, by name and labels."""
    with urllib.request.urlopen(server.metrics_url) as page:
        families = text_string_to_metric_families(page.read().decode())
        return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def grown(before, after, name, **labels):
    """By how much a sample grew."""
    key = (name, tuple(sorted(labels.items())))
    return after.get(key, 0.0) - before.get(key, 0.0)


def test_an_answer_is_counted(server, stub):
    """Calls by code, nodes by status and call, probabilities, lifts, stages, slices and spacings grow by one answer."""
    before = samples(server)
    stub.Classify(request())
    after = samples(server)
    rpc = {
        "grpc_type": "unary",
        "grpc_service": "nodelens.v1.NodeClassifierService",
        "grpc_method": "Classify",
    }

    for name, labels, count in (
        ("grpc_server_started_total", rpc, 1),
        ("grpc_server_handled_total", {**rpc, "grpc_code": "OK"}, 1),
        ("grpc_server_handling_seconds_count", rpc, 1),
        ("nodelens_nodes_total", {"model": "cnn-gap", "status": "at_edge", "call": "none"}, 1),
        ("nodelens_probability_count", {"model": "cnn-gap"}, 2),
        ("nodelens_heatmap_lift_count", {"model": "cnn-gap"}, 2),
        ("nodelens_stage_seconds_count", {"stage": "queue"}, 1),
        ("nodelens_stage_seconds_count", {"stage": "inference"}, 1),
        ("nodelens_batch_size_sum", {}, 6),
        ("nodelens_nodes_cancelled_total", {}, 0),
        ("nodelens_input_spacing_mm_sum", {"axis": "z"}, 1.5),
    ):
        assert count == pytest.approx(grown(before, after, name, **labels)), name
    assert 0 == after["nodelens_in_flight_bytes", ()]


def test_a_refusal_is_counted_by_its_code(server, stub):
    """An unknown model is NOT_FOUND, and no node is counted."""
    before = samples(server)
    with pytest.raises(grpc.RpcError):
        stub.Classify(request(model="vgg"))
    after = samples(server)
    labels = {"grpc_type": "unary", "grpc_service": "nodelens.v1.NodeClassifierService", "grpc_method": "Classify"}

    assert 1 == grown(before, after, "grpc_server_handled_total", grpc_code="NOT_FOUND", **labels)
    assert 0 == grown(before, after, "nodelens_probability_count", model="cnn-gap")


def test_what_may_be_counted_begins_at_0():
    """A counter that appears with its first count has not grown, for Prometheus: calls, codes and reviews are there."""
    metrics = Metrics()
    metrics.begin(CALLS)
    unary, stream = ({"grpc_type": kind, "grpc_service": CALLS.full_name} for kind in ("unary", "client_stream"))
    for name, labels in (
        ("grpc_server_started_total", {**unary, "grpc_method": "SubmitReview"}),
        ("grpc_server_handled_total", {**unary, "grpc_method": "Classify", "grpc_code": "INTERNAL"}),
        ("grpc_server_handled_total", {**stream, "grpc_method": "ClassifyStream", "grpc_code": "UNAVAILABLE"}),
        ("grpc_server_handling_seconds_count", {**stream, "grpc_method": "ClassifyStream"}),
        ("nodelens_reviews_total", {"verdict": "benign", "agrees": "no"}),
    ):
        assert 0 == metrics.registry.get_sample_value(name, labels), name


def test_models_are_told(server):
    """Each served model has one sample with its version, digest and provider."""
    told = [dict(labels) for (name, labels) in samples(server) if name == "nodelens_model_info"]

    assert {("cnn", "1"), ("cnn-gap", "1"), ("cnn-gap", "2")} == {(each["model"], each["version"]) for each in told}
    assert {64} == {len(each["digest"]) for each in told}


def test_a_missing_gpu_is_told(server):
    """Where --device auto computes on the CPU, one sample says so."""
    found = samples(server)
    providers = {dict(labels)["provider"] for (name, labels) in found if name == "nodelens_model_info"}

    assert float(providers == {"CPUExecutionProvider"}) == found["nodelens_device_fallback", ()]
