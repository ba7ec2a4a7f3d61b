"""Requests that were good before chance changed them, as the bytes that go over the wire."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from nodelens.v1 import node_classifier_service_pb2 as messages
from tests.service.scans import request, stream

GOOD = request(request_id="mutant", options=messages.ClassifyOptions(operating_point=0.5)).SerializeToString()
"""What they were."""

ALLOWED = ("OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED")
"""How a call may end whose request is wrong; nothing but a bug ends otherwise."""

PATIENCE_S = 60.0
"""No request of this size may take longer."""

WHOLE = st.sampled_from([0, 1, 2, 3, 4, 7, 60, 2**16, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
REAL = (
    st.sampled_from([0.0, -0.0, 0.5, -1.0, 1e-300, 1e-9, 1e3, 1e9, 1e300, math.inf, -math.inf, math.nan]) | st.floats()
)
BYTES = st.sampled_from([b"", b"\0", b"\x00\x00\xc0\x7f", b"\xff" * 64, b"\x28\xb5\x2f\xfd"]) | st.binary(max_size=64)

Draw = Callable[[st.SearchStrategy[Any]], Any]
Parts = list[messages.ClassifyStreamRequest]


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    A changed request.

    Attributes:
        method: Name of the call.
        payload: Its messages; a call that is not streamed has one.
    """

    method: str
    payload: tuple[bytes, ...]

    def status(self, channel: grpc.Channel) -> str:
        """How a server's answer to it ends."""
        path = f"/nodelens.v1.NodeClassifierService/{self.method}"
        try:
            if self.method == "Classify":
                channel.unary_unary(path)(self.payload[0], timeout=PATIENCE_S)
            else:
                channel.stream_unary(path)(iter(self.payload), timeout=PATIENCE_S)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    def __repr__(self) -> str:
        sizes = [len(part) for part in self.payload]
        return f"Mutant({self.method}, {sizes} bytes, beginning with {self.payload[:1]!r:.2000})"


@st.composite
def mutants(draw: Draw) -> Mutant:
    """Requests of which up to three fields, up to three chunks and perhaps some bytes are wrong."""
    whole = messages.ClassifyRequest.FromString(GOOD)
    for _ in range(draw(st.integers(0, 3))):
        _change_field(draw, whole)
    if draw(st.booleans()):
        return Mutant("Classify", (_garbled(draw, whole.SerializeToString()),))
    parts = stream(whole, chunk_bytes=100_000)
    for _ in range(draw(st.integers(0, 3))):
        if parts:
            draw(st.sampled_from(CHANGES))(draw, parts)
    payload = [part.SerializeToString() for part in parts]
    if payload:
        place = draw(st.integers(0, len(payload) - 1))
        payload[place] = _garbled(draw, payload[place])
    return Mutant("ClassifyStream", tuple(payload))


def _garbled(draw: Draw, data: bytes) -> bytes:
    """Bytes that were cut, continued or overwritten; mostly as they were."""
    if draw(st.integers(0, 4)):
        return data
    place, piece = draw(st.integers(0, len(data))), draw(BYTES)
    return draw(st.sampled_from([data[:place], data + piece, data[:place] + piece + data[place + len(piece) :]]))


def _fields(message: Message) -> Iterator[tuple[Message, FieldDescriptor]]:
    """All fields of a message and of those in it, with the message that has them."""
    for field in message.DESCRIPTOR.fields:
        yield message, field
        if field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated and message.HasField(field.name):
            yield from _fields(getattr(message, field.name))


def _change_field(draw: Draw, message: Message) -> None:
    """Give one field of the tree another value, or take it away."""
    owner, field = draw(st.sampled_from(list(_fields(message))))
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        owner.ClearField(field.name)
    elif field.is_repeated:
        values = getattr(owner, field.name)
        place = draw(st.integers(0, max(len(values) - 1, 0)))
        values[place : place + draw(st.integers(0, 1))] = [_value(draw, field, None)] * draw(st.integers(0, 2))
    else:
        setattr(owner, field.name, _value(draw, field, getattr(owner, field.name)))


def _value(draw: Draw, field: FieldDescriptor, old: Any) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_DOUBLE:
            return draw(REAL)
        case FieldDescriptor.CPPTYPE_BOOL:
            return not old
        case FieldDescriptor.CPPTYPE_ENUM:
            return draw(st.integers(-1, 5))
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_STRING:
            return draw(st.sampled_from(["", "cnn", "broken", "../cnn", "x" * 200]) | st.text())
        case FieldDescriptor.CPPTYPE_STRING:
            place, piece = draw(st.integers(0, len(old))), draw(BYTES)
            return draw(st.sampled_from([old[:place], old + piece, old[:place] + piece + old[place + len(piece) :]]))
        case FieldDescriptor.CPPTYPE_UINT64:
            return draw(WHOLE | st.integers(0, 2**64 - 1))
    return draw(WHOLE)


def _change_message(draw: Draw, parts: Parts) -> None:
    _change_field(draw, draw(st.sampled_from(parts)))


def _drop(draw: Draw, parts: Parts) -> None:
    del parts[draw(st.integers(0, len(parts) - 1))]


def _repeat(draw: Draw, parts: Parts) -> None:
    parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(parts)))


def _swap(draw: Draw, parts: Parts) -> None:
    a, b = (draw(st.integers(0, len(parts) - 1)) for _ in range(2))
    parts[a], parts[b] = parts[b], parts[a]


CHANGES = (_change_message, _drop, _repeat, _swap)
