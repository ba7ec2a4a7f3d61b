"""How the tests drive a bridge, and what they look at."""

from service.pacs.backoff import Backoff
from service.pacs.bridge import Bridge, Pace
from service.pacs.journal import Journal
from service.pacs.task import State

PACE = Pace(poll_s=2.0, attempts=3, backoff=Backoff(0.0, 0.0))
"""Nothing that failed is waited for."""


def steps(bridge: Bridge, count: int = 6) -> None:
    """Let a bridge work."""
    for _ in range(count):
        bridge.step()


def states(journal: Journal) -> dict[State, int]:
    """How many tasks have come how far."""
    return {state: count for state, count in journal.counts().items() if count}
