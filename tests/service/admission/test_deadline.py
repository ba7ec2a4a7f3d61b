"""How long a request may take."""

import asyncio
from dataclasses import dataclass

import pytest

from service.admission.deadline import require_time, within
from service.faults import TimeSpent


@dataclass(frozen=True)
class Call:
    """A call whose caller waits so much longer; None waits for ever."""

    left_s: float | None

    def time_remaining(self):
        """As gRPC tells it."""
        return self.left_s


def test_what_takes_too_long_is_stopped():
    """The time allowed is told, and what was begun is cancelled."""

    async def scene():
        async with within(0.01):
            await asyncio.sleep(60)

    with pytest.raises(TimeSpent, match=r"longer than the 0\.01 s"):
        asyncio.run(scene())


def test_a_timeout_of_something_else_is_not_ours():
    """An inner TimeoutError stays what it is."""

    async def scene():
        async with within(60):
            raise TimeoutError("inner")

    with pytest.raises(TimeoutError, match="inner"):
        asyncio.run(scene())


def test_nothing_is_begun_for_who_has_gone():
    """A call whose deadline passed while it waited is refused; one without a deadline, or in time, is not."""
    for left_s in (None, 0.5):
        require_time(Call(left_s))
    with pytest.raises(TimeSpent, match="while the request waited"):
        require_time(Call(0.0))
