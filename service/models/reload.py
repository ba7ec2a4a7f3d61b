"""Taking up what changes in the models' folder while the server answers."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

from service.faults import ServiceFault
from service.repository import ModelRepository

log = logging.getLogger(__name__)


class Reloader:
    """
    Looks at the folder from time to time, in a thread of its own, so that no call waits for a model that is loading.

    Args:
        repository: The models.
        poll_s: Seconds between two looks; 0 looks only when told to.
        follow: Called after each change.
    """

    def __init__(self, repository: ModelRepository, poll_s: float, follow: Callable[[], Awaitable[None]]) -> None:
        self._repository = repository
        self._poll_s = poll_s
        self._follow = follow
        self._told = asyncio.Event()
        self._failing = False

    def look_now(self) -> None:
        """Do not wait for the next time."""
        self._told.set()

    async def run(self) -> None:
        """Look until cancelled."""
        thread = ThreadPoolExecutor(1, "reload")
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), self._poll_s or None)
                self._told.clear()
                await self._look(thread)
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    async def _look(self, thread: Executor) -> None:
        """Look once; whatever goes wrong, the models that answer go on, and so do the looks."""
        try:
            if await asyncio.get_running_loop().run_in_executor(thread, self._repository.look):
                await self._follow()
            self._failing = False
        except ServiceFault:
            if not self._failing:
                log.error("the models' folder cannot be looked at; all that is served stays")
            self._failing = True
        except Exception:
            log.exception("bug", extra={"method": "reload"})


@asynccontextmanager
async def reloading(
    repository: ModelRepository, poll_s: float, follow: Callable[[], Awaitable[None]]
) -> AsyncIterator[Reloader]:
    """Take up changes of the folder, every so many seconds and at each SIGHUP, for the time of a ``with`` statement."""
    reloader = Reloader(repository, poll_s, follow)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.look_now)
    task = asyncio.create_task(reloader.run())
    try:
        yield reloader
    finally:
        task.cancel()
        await asyncio.wait([task])
