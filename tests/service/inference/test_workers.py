"""The threads beside the network."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from service.inference.workers import Abandoned, Workers

NAME = ContextVar("name", default="nobody")


def test_work_has_the_callers_context():
    """What a call knows about itself, its work in a thread knows too."""

    async def ask():
        NAME.set("caller")
        with Workers(1) as workers:
            return await workers.run(lambda _: (NAME.get(), threading.current_thread().name))

    name, thread = asyncio.run(ask())
    assert "caller" == name
    assert thread.startswith("worker")


def test_errors_come_back():
    """What goes wrong in a thread goes wrong for who waits."""

    async def ask():
        with Workers(1) as workers:
            await workers.run(lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask())


def test_cancelled_work_stops_and_has_stopped():
    """Work is told that its call has ended; the cancelled task ends only after it."""
    told = []

    def work(ended):
        begun.set()
        told.append(ended.wait(30))
        raise Abandoned

    begun = threading.Event()

    async def ask():
        with Workers(1) as workers:
            task = asyncio.create_task(workers.run(work))
            await asyncio.to_thread(begun.wait, 30)
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            return task.cancelled(), list(told)

    assert (True, [True]) == asyncio.run(ask())


def test_cancelled_work_that_waits_is_never_begun():
    """With one thread busy, what queues behind it leaves."""
    done = []

    async def ask():
        with Workers(1) as workers:
            first = asyncio.create_task(workers.run(lambda ended: ended.wait(30)))
            second = asyncio.create_task(workers.run(lambda _: done.append("second")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.wait([second])
            first.cancel()
            await asyncio.wait([first])

    asyncio.run(ask())
    assert [] == done
