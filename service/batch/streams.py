"""Cases, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import Protocol

from imaging.manifest import Manifest
from service.batch.attempt import Job, Scorer, attempt
from service.batch.case import Case
from service.batch.faults import Stopped
from service.batch.record import Record
from service.findings import ModelRef


class Listener(Protocol):
    """Who is told what happens to cases, from any thread."""

    def send(self, case: Case) -> None:
        """A case is about to be sent."""
        ...

    def add(self, record: Record) -> None:
        """A case is done; the next is not taken before this returns."""
        ...


class Engine(Protocol):
    """
    Whoever scores many cases.

    Attributes:
        ref: The model.
        manifest: What it says about itself.
    """

    ref: ModelRef
    manifest: Manifest

    def run(self, cases: Sequence[Case], job: Job, listener: Listener, stop: Event) -> None:
        """Score cases until there are no more, or ``stop`` is set: then what was begun is finished."""
        ...


class Streams:
    """
    Threads that each score one case after the other: no more cases are in memory than there are threads.

    Args:
        scorer: Whom they ask.
        count: How many threads.
    """

    def __init__(self, scorer: Scorer, count: int) -> None:
        self._scorer = scorer
        self._count = count
        self.ref, self.manifest = scorer.ref, scorer.manifest

    def run(self, cases: Sequence[Case], job: Job, listener: Listener, stop: Event) -> None:
        """
        Score cases until there are no more, or ``stop`` is set.

        Raises:
            OSError: a result cannot be written; no other case is begun then.
        """
        remaining, lock = iter(cases), Lock()

        def stream() -> None:
            for case in _shared(remaining, lock):
                if stop.is_set():
                    return
                try:
                    record = attempt(case, self._scorer, job, listener.send)
                except Stopped:
                    return
                listener.add(record)

        _all_of(stream, self._count, stop)


def _shared(remaining: Iterator[Case], lock: Lock) -> Iterator[Case]:
    """The next of what several threads share, until there is none."""
    while True:
        with lock:
            case = next(remaining, None)
        if case is None:
            return
        yield case


def _all_of(work: Callable[[], None], count: int, stop: Event) -> None:
    with ThreadPoolExecutor(count, thread_name_prefix="stream") as pool:
        futures = [pool.submit(work) for _ in range(count)]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        if any(future.exception() for future in done):
            stop.set()
    for future in futures:
        future.result()
