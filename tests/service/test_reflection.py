"""What reflection tells suffices to call the server without its protos, as grpcurl does."""

import base64
import json
import re

import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, Parse
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from nodelens.v1 import findings_pb2, images_pb2, node_classifier_service_pb2, reviews_pb2
from tests.conftest import ROOT
from tests.service.scans import request

FILES = (findings_pb2, images_pb2, node_classifier_service_pb2, reviews_pb2)
MESSAGES = [message for file in FILES for message in file.DESCRIPTOR.message_types_by_name.values()]
ENUMS = [enum for file in FILES for enum in file.DESCRIPTOR.enum_types_by_name.values()]
SERVICE = "nodelens.v1.NodeClassifierService"


@pytest.fixture(scope="module")
def pool(channel):
    """What a client knows that has asked the server for its messages, and nothing else."""
    return DescriptorPool(ProtoReflectionDescriptorDatabase(channel))


def called(channel, pool, method, body):
    """The answer, as JSON, to a call made of JSON by reflection alone."""
    described = pool.FindServiceByName(SERVICE).methods_by_name[method]
    asked = Parse(json.dumps(body), GetMessageClass(described.input_type)(), descriptor_pool=pool)
    answer = channel.unary_unary(
        f"/{SERVICE}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(described.output_type).FromString,
    )(asked)
    return MessageToDict(answer, preserving_proto_field_name=True, descriptor_pool=pool)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_every_message_can_be_resolved(pool, message):
    """With all of its fields."""
    found = pool.FindMessageTypeByName(message.full_name)

    assert [(f.name, f.number, f.type) for f in message.fields] == [(f.name, f.number, f.type) for f in found.fields]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.name)
def test_every_enum_can_be_resolved(pool, enum):
    """With all of its values."""
    found = pool.FindEnumTypeByName(enum.full_name)

    assert [(v.name, v.number) for v in enum.values] == [(v.name, v.number) for v in found.values]


def test_every_method_can_be_resolved(pool):
    """With what goes in and comes out, and whether it is streamed."""
    expected = node_classifier_service_pb2.DESCRIPTOR.services_by_name["NodeClassifierService"].methods
    found = pool.FindServiceByName(SERVICE).methods

    assert [(m.name, m.input_type.full_name, m.output_type.full_name, m.client_streaming) for m in expected] == [
        (m.name, m.input_type.full_name, m.output_type.full_name, m.client_streaming) for m in found
    ]


def test_json_is_enough_to_score(channel, pool):
    """Models are listed, and a CT in base64 is scored, by what reflection tells alone."""
    listed = called(channel, pool, "ListModels", {})
    body = MessageToDict(request(), preserving_proto_field_name=True)
    found = called(channel, pool, "Classify", body)["classification"]

    assert "cnn" in [model["ref"]["name"] for model in listed["models"]]
    assert 3 == len(found["nodes"])


def test_the_request_of_the_manual_is_answered(channel, pool):
    """The JSON in protos/README.md is a whole request: its node is scored."""
    [text] = re.findall(r"<<END\n(.*?)\nEND\n", (ROOT / "protos" / "README.md").read_text(), re.DOTALL)
    body = json.loads(text.replace("$CT", base64.b64encode(bytes(1024)).decode()))
    [node] = called(channel, pool, "Classify", body)["classification"]["nodes"]

    assert "NODE_STATUS_SCORED" == node["status"]
    assert 8 * 1.5**3 == node["measurements"]["volume_mm3"]
