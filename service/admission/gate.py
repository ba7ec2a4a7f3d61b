"""
The way into the server: so many requests, so many bytes, one after the other.

A request takes a place and the bytes that it will hold before they come, waits for its turn when they are here, and
gives all back when its work has ended, however it ends.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.admission.limits import Limits
from service.admission.pace import Pace
from service.faults import NotServing, Overloaded, RequestTooLarge
from service.metrics import Metrics


class Gate:
    """
    Admits requests while there is room.

    Args:
        limits: How much room there is.
        metrics: Where waiting requests and held bytes are told.
    """

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        metrics.admission.tell(limits)
        self._turns = asyncio.Semaphore(limits.concurrent_count)
        self._pace = Pace()
        self._here_count = 0
        self._held_bytes = 0
        self._closed: NotServing | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def admitted(self, byte_count: int) -> Iterator["Place"]:
        """
        A place for a request that will hold so many bytes; free again at the end.

        Raises:
            NotServing: the gate was closed.
            Overloaded: there is no room now.
            RequestTooLarge: there will never be room.
        """
        self._require_room(byte_count)
        self._take(1, byte_count)
        place = Place(self._turns, self._pace, self._metrics, byte_count, self._enlarge)
        place.at_end(lambda: self._take(-1, -place.byte_count))
        try:
            yield place
        finally:
            place.leave()

    def close(self, fault: NotServing) -> None:
        """Refuse, from now on, whoever comes; those inside are not disturbed."""
        self._closed = fault

    def open(self) -> None:
        """Admit again."""
        self._closed = None

    def require_open(self) -> None:
        """
        Refuse before anything else is looked at.

        Raises:
            NotServing: the gate was closed.
        """
        if self._closed:
            # A new one each time: one that is raised again keeps the frames, and so the requests, of all before.
            raise NotServing(str(self._closed), self._closed.retry_s)

    async def emptied(self) -> None:
        """Wait until nobody is inside."""
        await self._empty.wait()

    def _require_room(self, byte_count: int) -> None:
        limits = self._limits
        self.require_open()
        self._require_bytes(byte_count)
        if self._here_count >= limits.concurrent_count + limits.queue_count:
            raise Overloaded(f"{self._here_count} requests are here already; try again later", self._delay_s)

    def _require_bytes(self, byte_count: int, held_already: int = 0) -> None:
        limits, others_bytes = self._limits, self._held_bytes - held_already
        if byte_count > limits.in_flight_bytes:
            raise RequestTooLarge(
                f"the request takes {byte_count} bytes, this server has {limits.in_flight_bytes} for all requests "
                "together; send a smaller part"
            )
        if others_bytes + byte_count > limits.in_flight_bytes:
            raise Overloaded(
                f"the requests that are here hold {others_bytes} of {limits.in_flight_bytes} bytes, "
                f"this one takes {byte_count}; try again later",
                self._delay_s,
            )

    def _enlarge(self, before_bytes: int, byte_count: int) -> None:
        self._require_bytes(byte_count, before_bytes)
        self._take(0, byte_count - before_bytes)

    @property
    def _delay_s(self) -> float:
        limits = self._limits
        return self._pace.delay_s(max(self._here_count - limits.concurrent_count, 1), limits.concurrent_count)

    def _take(self, count: int, byte_count: int) -> None:
        self._here_count += count
        self._held_bytes += byte_count
        self._metrics.in_flight.set(self._held_bytes)
        if self._here_count:
            self._empty.clear()
        else:
            self._empty.set()


class Place:
    """
    What one admitted request has.

    Attributes:
        byte_count: What it holds.
    """

    def __init__(
        self,
        turns: asyncio.Semaphore,
        pace: Pace,
        metrics: Metrics,
        byte_count: int,
        enlarge: Callable[[int, int], object],
    ) -> None:
        self._turns = turns
        self._pace = pace
        self._metrics = metrics
        self.byte_count = byte_count
        self._enlarge = enlarge
        self._ends: list[Callable[[], object]] = []

    def hold(self, byte_count: int) -> None:
        """
        Hold so many bytes instead, as has turned out to be needed.

        Raises:
            Overloaded: there is no room for more now.
            RequestTooLarge: there will never be room.
        """
        self._enlarge(self.byte_count, byte_count)
        self.byte_count = byte_count

    async def turn(self) -> None:
        """Wait until the request may be worked on, first come, first served; its turn lasts until its end."""
        with self._metrics.waiting.track_inprogress():
            await self._turns.acquire()
        start = time.perf_counter()
        self.at_end(lambda: self._pace.add(time.perf_counter() - start))
        self.at_end(self._turns.release)

    def at_end(self, end: Callable[[], object]) -> None:
        """Have something done when the request leaves."""
        self._ends.append(end)

    def leave(self) -> None:
        """Give all back."""
        for end in self._ends:
            end()
