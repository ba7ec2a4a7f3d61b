"""Bytes that are no message are refused, over real gRPC."""

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest
from service.parsing import UNREADABLE, lenient, readable
from tests.service.scans import request, stream

SERVICE = "/nodelens.v1.NodeClassifierService"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


@pytest.mark.parametrize(
    "call",
    [
        lambda channel: channel.unary_unary(f"{SERVICE}/Classify")(b"\x0a", timeout=60),
        lambda channel: channel.stream_unary(f"{SERVICE}/ClassifyStream")(iter([b"\x0a"]), timeout=60),
        lambda channel: channel.stream_unary(f"{SERVICE}/ClassifyStream")(
            iter([stream(request())[0].SerializeToString(), b"\xff"]), timeout=60
        ),
        lambda channel: list(channel.unary_stream("/grpc.health.v1.Health/Watch")(b"\x0a", timeout=60)),
        lambda channel: list(channel.stream_stream(REFLECTION)(iter([b"\xff"]), timeout=60)),
    ],
    ids=["message", "header", "chunk", "watch", "reflection"],
)
def test_bytes_that_are_no_message(channel, call):
    """The caller is told that it is the request that is wrong, and not that the server failed."""
    with pytest.raises(grpc.RpcError) as error:
        call(channel)
    info = ErrorInfo()
    for detail in rpc_status.from_call(error.value).details:
        detail.Unpack(info)

    assert ("INVALID_ARGUMENT", "INVALID_MESSAGE") == (error.value.code().name, info.reason)


def test_what_can_be_parsed_is_as_it_was():
    """A lenient parser gives the message of the parser that it was made of."""
    parse = lenient(messages.ClassifyRequest.FromString)
    asked = request()

    assert asked == readable(parse(asked.SerializeToString()))
    assert lenient(None) is None


def test_what_cannot_be_parsed_is_refused_when_it_is_looked_at():
    """Until then it is a message like others."""
    broken = lenient(messages.ClassifyRequest.FromString)(b"\x0a")

    assert broken is UNREADABLE
    with pytest.raises(InvalidRequest, match="no message of this call's type"):
        readable(broken)
