"""Bytes that are no message: refused like any other wrong request, where gRPC would call it the server's failure."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from service.faults import InvalidRequest, Reason
from service.status import status_of

UNREADABLE = object()
"""Stands where a message was expected."""

Parser = Callable[[bytes], Any]
Context = grpc.aio.ServicerContext[Any, Any]


def lenient(parse: Parser | None) -> Parser | None:
    """A parser that returns `UNREADABLE` where the given one fails."""
    if parse is None:
        return None

    def parsed(data: bytes) -> Any:
        try:
            return parse(data)
        except DecodeError:
            return UNREADABLE

    return parsed


def readable(request: Any) -> Any:
    """
    A request, or a stream of them, out of a lenient parser; a stream is looked at as it comes.

    Raises:
        InvalidRequest: it could not be parsed.
    """
    if isinstance(request, AsyncIterable):
        return _each_readable(request)
    if request is UNREADABLE:
        raise InvalidRequest("request", "is no message of this call's type", Reason.INVALID_MESSAGE)
    return request


async def _each_readable(requests: AsyncIterable[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        yield readable(request)


def answering_readable(handler: Any) -> Any:
    """A handler of streamed answers whose caller is refused, with a status, where bytes are no message."""

    async def behaviour(request: Any, context: Context) -> None:
        inner = handler.stream_stream if handler.request_streaming else handler.unary_stream
        try:
            answers = inner(readable(request), context)
            if isinstance(answers, AsyncIterable):
                async for answer in answers:
                    await context.write(answer)
            else:
                await answers
        except InvalidRequest as fault:
            status = status_of(fault)
            await context.abort(status.code, status.details, status.trailing_metadata)

    make = grpc.stream_stream_rpc_method_handler if handler.request_streaming else grpc.unary_stream_rpc_method_handler
    return make(behaviour, lenient(handler.request_deserializer), handler.response_serializer)
