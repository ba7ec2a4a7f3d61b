"""The port for probes."""

import asyncio
import socket

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from service.faults import CannotStart
from service.health import Health
from service.metrics import Metrics
from service.observer import Observer
from service.security.health_port import HealthPort
from tests.service.repositories import loaded

CHECK = health_pb2.HealthCheckRequest()
SERVICE = "/grpc.health.v1.Health"


def test_it_answers_health_alone(models):
    """What the server's own port says of its health; no other call is known."""

    async def ask():
        health = Health(grpc.aio.server(), loaded(models))
        port = HealthPort(health, Observer(Metrics()), "127.0.0.1", 0)
        [line] = await port.start()
        async with grpc.aio.insecure_channel(line.split()[-1]) as channel:
            states = []
            for ready in (True, False):
                await health.set_ready(ready)
                states.append((await health_pb2_grpc.HealthStub(channel).Check(CHECK)).status)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary("/nodelens.v1.NodeClassifierService/ListModels")(b"")
        await port.stop()
        return states, caught.value.code()

    states, code = asyncio.run(ask())

    assert [health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING] == states
    assert grpc.StatusCode.UNIMPLEMENTED is code


@pytest.mark.parametrize(
    "call",
    [
        lambda channel: channel.unary_unary(f"{SERVICE}/Check")(b"\x0a"),
        lambda channel: channel.unary_stream(f"{SERVICE}/Watch")(b"\x0a").read(),
    ],
    ids=["check", "watch"],
)
def test_bytes_that_are_no_message(models, call):
    """A probe that sends nonsense is told that it is wrong, and the next one is answered."""

    async def ask():
        health = Health(grpc.aio.server(), loaded(models))
        port = HealthPort(health, Observer(Metrics()), "127.0.0.1", 0)
        [line] = await port.start()
        await health.set_ready(True)
        async with grpc.aio.insecure_channel(line.split()[-1]) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(channel)
            state = (await health_pb2_grpc.HealthStub(channel).Check(CHECK)).status
        await port.stop()
        return caught.value.code(), state

    assert (grpc.StatusCode.INVALID_ARGUMENT, health_pb2.HealthCheckResponse.SERVING) == asyncio.run(ask())


def test_a_port_that_is_taken_is_told(models):
    """The server does not start without the port that it was told to open."""

    async def start(port):
        HealthPort(Health(grpc.aio.server(), loaded(models)), Observer(Metrics()), "127.0.0.1", port)

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotStart, match="is another server there"):
        asyncio.run(start(taken.getsockname()[1]))
