"""A server from start to end."""

import asyncio
import logging
import os
from collections.abc import Callable
from threading import Thread
from wsgiref.simple_server import WSGIServer

import grpc.aio
import prometheus_client

from inference.open_inference_pb2_grpc import add_GRPCInferenceServiceServicer_to_server
from nodelens.v1.node_classifier_service_pb2_grpc import add_NodeClassifierServiceServicer_to_server
from service.admission.gate import Gate
from service.faults import CannotStart, NotServing
from service.health import CALLS, Health, add_reflection
from service.inference.engine import Engine
from service.inference.session import CPU
from service.inference.workers import Workers
from service.kserve.servicer import OpenInference
from service.lifecycle import RETRY_S, drained, forget_signals, stop_signal
from service.metrics import Metrics
from service.model import Device
from service.models.reload import reloading
from service.models.shadow import Shadow
from service.observer import Observer
from service.parts import Parts
from service.repository import ModelRepository
from service.reviews import Reviews
from service.security.health_port import HealthPort
from service.servicer import NodeClassifier
from service.settings import Settings
from service.tracing import tracer_for

MESSAGE_BYTES = 64 * 2**20
"""Voxels of one message; gRPC holds all of it before it can be refused, so that larger CTs must be streamed."""

MESSAGE_OVERHEAD = 2**20
"""Bytes of a message beyond its voxels."""

log = logging.getLogger(__name__)


async def serve(settings: Settings, tell: Callable[[str], object]) -> None:
    """
    Serve until SIGTERM or SIGINT, then finish the calls in flight.

    Args:
        settings: What to serve, and where.
        tell: Is told lines as soon as calls are answered: the address, where metrics are, and where else health is.

    Raises:
        CannotStart: no model, or a port is taken.
    """
    metrics = Metrics()
    gate = Gate(settings.limits, metrics)
    gate.close(NotServing("the models are being loaded; ask again", RETRY_S))
    with Workers(settings.inference.worker_count) as workers, Engine(settings.inference, metrics) as engine:
        repository = _repository(settings, metrics, engine)
        shadow = Shadow(settings.model_options.shadow, repository, metrics.models)
        reviews = Reviews(settings.reviews, metrics)
        reviews.check()
        try:
            parts = Parts(repository, engine, workers, shadow, reviews, metrics, settings.limits, gate)
            await _serve(settings, parts, tell)
        finally:
            shadow.close()


async def _serve(settings: Settings, parts: Parts, tell: Callable[[str], object]) -> None:
    security, tracer = settings.security, tracer_for(os.environ)
    observer = Observer(parts.metrics, tracer)
    server = grpc.aio.server(interceptors=[observer, *security.interceptors()], options=_options(settings.limit_bytes))
    health = _answering(server, parts, settings.limit_bytes)
    port = security.open_port(server, f"{settings.host}:{settings.port}", parts.metrics.certificate_expiry)
    probes = HealthPort(health, observer, settings.host, security.health_port)
    exporter, metrics_thread = _exporter(settings, parts.metrics)
    stopping = stop_signal()
    await health.set_ready(False)
    await server.start()
    lines = [f"listening on {settings.host}:{port}"]
    lines += [f"metrics on http://{security.metrics_host}:{exporter.server_port}/metrics", *await probes.start()]
    left_s = 0.0
    try:
        await asyncio.to_thread(_load, settings, parts)
        if not stopping.is_set():
            parts.gate.open()
            await health.set_ready(True)
            for line in lines:
                tell(line)
            async with reloading(parts.repository, settings.model_options.poll_s, health.follow):
                await stopping.wait()
            await health.set_ready(False)
            left_s = await drained(parts.gate, settings.grace_s)
    finally:
        health.end()
        await server.stop(left_s)
        await probes.stop()
        if tracer:
            await asyncio.to_thread(tracer.end)
        exporter.shutdown()
        metrics_thread.join()
        exporter.server_close()
        forget_signals()


def _repository(settings: Settings, metrics: Metrics, engine: Engine) -> ModelRepository:
    """The models' folder, of which nothing has been loaded."""
    options, chosen = settings.model_options, (settings.device, settings.thread_count, settings.default_model)
    repository = ModelRepository.at(settings.models, *chosen, options, metrics.models, settings.inference)
    repository.on_release.append(engine.retire)
    return repository


def _load(settings: Settings, parts: Parts) -> None:
    models = parts.repository.begin()
    if settings.device is Device.AUTO and any(model.provider == CPU for model in models):
        parts.metrics.fallback.set(1)
        log.info("no usable CUDA device; computing on the CPU")
    if not models:
        log.error("no model is served: none passed its release gates; --allow-research serves them for research")
    parts.shadow.check()


def _answering(server: grpc.aio.Server, parts: Parts, limit_bytes: int) -> Health:
    """Let a server answer all calls; its health."""
    add_NodeClassifierServiceServicer_to_server(NodeClassifier(parts, limit_bytes), server)  # type: ignore[no-untyped-call]
    add_reflection(server)
    health = Health(server, parts.repository)
    parts.metrics.begin(CALLS)
    parts.metrics.admission.ready.set_function(lambda: float(health.ready and bool(parts.repository.models)))
    open_inference = OpenInference(parts, lambda: health.ready)
    add_GRPCInferenceServiceServicer_to_server(open_inference, server)  # type: ignore[no-untyped-call]
    return health


def _options(limit_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", min(limit_bytes, MESSAGE_BYTES) + MESSAGE_OVERHEAD),
        ("grpc.max_send_message_length", -1),
        # Without it a second server on the same port would take half of the calls.
        ("grpc.so_reuseport", 0),
        # Without it a client that asks every half minute whether the server is still there would be cut off.
        ("grpc.http2.min_ping_interval_without_data_ms", 250),
    ]


def _exporter(settings: Settings, metrics: Metrics) -> tuple[WSGIServer, Thread]:
    host, port = settings.security.metrics_host, settings.metrics_port
    try:
        return prometheus_client.start_http_server(port, host.strip("[]"), metrics.registry)
    except OSError as error:
        raise CannotStart(f"cannot serve metrics on {host}:{port}: {error.strerror}") from error
