"""Bytes that are no message: refused like any other wrong request, where gRPC would call it the server's failure."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

from google.protobuf.message import DecodeError

from service.faults import InvalidRequest, Reason

UNREADABLE = object()
"""Stands where a message was expected."""

Parser = Callable[[bytes], Any]


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
