"""Health and reflection."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

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
