"""Taking up what changes in the models' folder while the server answers."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
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
                if await asyncio.get_running_loop().run_in_executor(thread, self._changed):
                    await self._follow()
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def _changed(self) -> bool:
        """Whether a look brought anything new; whatever goes wrong, the models that answer go on."""
        try:
            return self._repository.look()
        except ServiceFault as fault:
            log.error("the models' folder cannot be looked at", extra={"problem": type(fault).__name__})
        except Exception:
            log.exception("bug", extra={"method": "reload"})
        return False


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
