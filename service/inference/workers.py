"""The threads that work for calls beside the network: they decode, cut crops and write answers."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from threading import Event
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


class Abandoned(Exception):
    """The work was given up, since the call it was for has ended."""


class Workers:
    """
    A pool of threads.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="worker")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    async def run(self, work: Callable[[Event], T]) -> T:
        """
        Run something in a thread, with the context of the caller.

        Args:
            work: Is given an event that is set as soon as the waiting task has been cancelled; it should then raise
                `Abandoned`. The task ends when the work has ended, so that what it holds is free by then.
        """
        ended = Event()
        future = self._pool.submit(copy_context().run, work, ended)
        waiting = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            ended.set()
            future.cancel()
            while not waiting.done():
                with suppress(asyncio.CancelledError):  # Who cancels again waits as well.
                    await asyncio.wait([waiting])
            if not waiting.cancelled():
                waiting.exception()  # Nobody wants it any more; asyncio would complain that nobody has seen it.
            raise
