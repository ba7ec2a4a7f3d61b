"""How a server ends."""

import asyncio
import os
import signal

from service.admission.gate import Gate
from service.faults import NotServing

NOTICE_S = 0.5
"""How long calls are still taken once readiness has dropped: balancers need a while to see it."""

LINGER_S = 0.2
"""How long the port stays open after the last answer: whoever got it may ask again at once, and is to be told."""

RETRY_S = 1.0
"""When those should ask again who come later: by then another server answers, or this one's successor."""


def stop_signal() -> asyncio.Event:
    """
    An event that is set by the first SIGTERM or SIGINT; a second one ends the process at once, with 128 + number.

    SIGHUP, which reloads models later, does nothing yet.
    """
    stopping = asyncio.Event()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return stopping


def forget_signals() -> None:
    """Leave signals to the system, which needs no event loop: what is left to do may keep that busy."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)


async def drained(gate: Gate, grace_s: float) -> float:
    """
    Let those finish who are inside, and refuse all others.

    The port stays open meanwhile: gRPC's own stop would cancel calls that are on their way.

    Args:
        gate: Counts who is inside.
        grace_s: How long they may take.

    Returns:
        What is left of that time.
    """
    await asyncio.sleep(NOTICE_S)
    gate.close(NotServing("the server is about to end; ask again, another one may answer", RETRY_S))
    loop = asyncio.get_running_loop()
    end = loop.time() + grace_s
    try:
        async with asyncio.timeout_at(end):
            await gate.emptied()
            await asyncio.sleep(LINGER_S)
    except TimeoutError:
        return 0.0
    return end - loop.time()
