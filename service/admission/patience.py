"""How long a sender may be silent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

from service.faults import UploadStalled

PROGRESS_BYTES = 1 << 20
"""What counts as progress: whoever sends a byte a second would else hold its place for ever."""


class Message(Protocol):
    """A protobuf message."""

    def ByteSize(self) -> int:  # noqa: N802 -- as in protobuf
        """Bytes on the wire."""


M = TypeVar("M", bound=Message)


async def patient(messages: AsyncIterator[M], idle_s: float) -> AsyncIterator[M]:
    """
    The messages of a stream, as long as it makes progress: `PROGRESS_BYTES`, or its end, within each ``idle_s``.

    Raises:
        UploadStalled: less came.
    """
    loop = asyncio.get_running_loop()
    end, missing_bytes = loop.time() + idle_s, PROGRESS_BYTES
    while True:
        try:
            async with asyncio.timeout_at(end):
                message = await anext(messages)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise UploadStalled(f"nothing, or next to nothing, was sent for {idle_s:g} s") from error
        yield message
        missing_bytes -= message.ByteSize()
        if missing_bytes <= 0:
            end, missing_bytes = loop.time() + idle_s, PROGRESS_BYTES
