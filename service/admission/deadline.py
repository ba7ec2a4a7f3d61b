"""How long a request may take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio

from service.faults import TimeSpent


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """
    Stop what takes longer.

    Raises:
        TimeSpent: it took longer.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise TimeSpent(f"the request took longer than the {seconds:g} s that this server allows") from error


def require_time(context: grpc.aio.ServicerContext[Any, Any]) -> None:
    """
    Refuse to begin what nobody waits for any more.

    Raises:
        TimeSpent: the caller's deadline has passed.
    """
    left_s = context.time_remaining()
    if left_s is not None and left_s <= 0:
        raise TimeSpent("the deadline passed while the request waited")
