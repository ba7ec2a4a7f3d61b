"""A server from start to end."""

import logging
from collections.abc import Callable
from threading import Thread
from wsgiref.simple_server import WSGIServer

import grpc.aio
import prometheus_client

from nodelens.v1.node_classifier_service_pb2_grpc import add_NodeClassifierServiceServicer_to_server
from service.admission.gate import Gate
from service.faults import CannotStart
from service.health import Health, add_reflection
from service.lifecycle import drained, stop_signal
from service.metrics import Metrics
from service.model import CPU, Device
from service.observer import Observer
from service.repository import ModelRepository
from service.reviews import Reviews
from service.servicer import NodeClassifier
from service.settings import Settings

MESSAGE_OVERHEAD = 2**20
"""Bytes of a message beyond its voxels."""

log = logging.getLogger(__name__)


async def serve(settings: Settings, tell: Callable[[str], object]) -> None:
    """
    Serve until SIGTERM or SIGINT, then finish the calls in flight.

    Args:
        settings: What to serve, and where.
        tell: Is told two lines as soon as calls are answered: the address, and where metrics are.

    Raises:
        CannotStart: no model, or a port is taken.
    """
    metrics = Metrics()
    gate = Gate(settings.limits, metrics)
    repository = ModelRepository.load(settings.models, settings.device, settings.thread_count, settings.default_model)
    _announce(repository, settings.device, metrics)
    reviews = Reviews(settings.reviews, metrics)
    reviews.check()
    server = grpc.aio.server(interceptors=[Observer(metrics)], options=_options(settings.limit_bytes))
    add_NodeClassifierServiceServicer_to_server(  # type: ignore[no-untyped-call]
        NodeClassifier(repository, reviews, metrics, settings.limit_bytes, settings.limits, gate), server
    )
    add_reflection(server)
    health = Health(server, repository)
    port = _bound(server, settings)
    exporter, metrics_thread = _exporter(settings, metrics)
    stopping = stop_signal()
    await server.start()
    await health.set_ready(True)
    tell(f"listening on {settings.host}:{port}")
    tell(f"metrics on http://{settings.host}:{exporter.server_port}/metrics")
    await stopping.wait()
    await health.set_ready(False)
    left_s = await drained(gate, settings.grace_s)
    health.end()
    await server.stop(left_s)
    exporter.shutdown()
    metrics_thread.join()


def _announce(repository: ModelRepository, device: Device, metrics: Metrics) -> None:
    for model in repository.models:
        metrics.serve_model(model)
        told = {"model": model.ref.name, "version": model.ref.version, "provider": model.provider}
        log.info("model served", extra=told)
    if device is Device.AUTO and repository.models[0].provider == CPU:
        log.info("no usable CUDA device; computing on the CPU")


def _options(limit_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", min(limit_bytes + MESSAGE_OVERHEAD, 2**31 - 1)),
        ("grpc.max_send_message_length", -1),
        # Without it a second server on the same port would take half of the calls.
        ("grpc.so_reuseport", 0),
    ]


def _bound(server: grpc.aio.Server, settings: Settings) -> int:
    try:
        return server.add_insecure_port(f"{settings.host}:{settings.port}")
    except RuntimeError as error:
        raise CannotStart(f"cannot listen on {settings.host}:{settings.port}; is another server there?") from error


def _exporter(settings: Settings, metrics: Metrics) -> tuple[WSGIServer, Thread]:
    try:
        return prometheus_client.start_http_server(settings.metrics_port, settings.host.strip("[]"), metrics.registry)
    except OSError as error:
        raise CannotStart(
            f"cannot serve metrics on {settings.host}:{settings.metrics_port}: {error.strerror}"
        ) from error
