"""Health and reflection."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from service.health import OPEN_INFERENCE, SERVICE, Watched


class Deaf:
    """The context of a call whose client reads nothing."""

    def __init__(self):
        self.reached = asyncio.Event()

    async def write(self, message):
        """Never return."""
        self.reached.set()
        await asyncio.Event().wait()


SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("name", ["", "nodelens.v1.NodeClassifierService", "cnn", "cnn-gap", "liveness"])
def test_what_answers_is_serving(channel, name):
    """The server, the service, each model, and liveness."""
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name))

    assert SERVING == answer.status


def test_a_model_that_cannot_be_asked_is_not_serving(channel):
    """A model whose file could not be loaded is there, and does not answer."""
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="broken"))

    assert NOT_SERVING == answer.status


def test_what_is_not_there_is_unknown(channel):
    """A name that is in no folder has no health."""
    with pytest.raises(grpc.RpcError) as error:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="vgg"))
    assert grpc.StatusCode.NOT_FOUND is error.value.code()


def test_all_that_is_there_is_listed(channel):
    """Who lists the health of a server gets every state at once."""
    statuses = health_pb2_grpc.HealthStub(channel).List(health_pb2.HealthListRequest()).statuses

    assert {"", "liveness", "cnn", "cnn-gap", "broken", OPEN_INFERENCE, SERVICE} <= set(statuses)
    assert (SERVING, NOT_SERVING) == (statuses["cnn"].status, statuses["broken"].status)


def test_who_does_not_listen_holds_nobody_up():
    """A watcher to whom nothing can be written keeps no change of state from the others."""

    async def scene():
        watched, deaf = Watched(), Deaf()
        watch = asyncio.create_task(watched.Watch(health_pb2.HealthCheckRequest(), deaf))
        await deaf.reached.wait()
        await asyncio.wait_for(watched.set("", SERVING), 60)
        watched.end()
        await watch

    asyncio.run(scene())


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_the_service(channel, version):
    """Both names of the reflection service answer."""
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    [answer] = call(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))

    assert "nodelens.v1.NodeClassifierService" in [each.name for each in answer.list_services_response.service]
