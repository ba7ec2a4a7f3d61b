"""How long to leave alone what failed."""

import logging
import random
import time
from dataclasses import dataclass

from prometheus_client import Gauge

from service.pacs.faults import Away

JITTER = 0.5
"""Share of a wait that is left to chance, so that bridges of a restarted archive do not come at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """
    Waits that double with each failure, up to a bound.

    Attributes:
        first_s: Wait after the first failure.
        longest_s: Waits grow up to this.
    """

    first_s: float = 1.0
    longest_s: float = 300.0

    def wait_s(self, failures: int, at_least_s: float = 0.0) -> float:
        """
        The wait after so many failures in a row, in seconds, with its share of chance.

        Args:
            failures: From 1.
            at_least_s: What the other side asked for.
        """
        bound_s = min(self.first_s * 2.0 ** min(failures - 1, 30), self.longest_s)
        return max(bound_s * random.uniform(1 - JITTER, 1), at_least_s)


class Side:
    """
    The archive or the service: whether it is worth asking.

    Args:
        name: For the log.
        backoff: How long it is left alone.
        up: Tells metrics whether it answered last.
    """

    def __init__(self, name: str, backoff: Backoff, up: Gauge) -> None:
        self._name = name
        self._backoff = backoff
        self._up = up
        self._failures = 0
        self._due_s = 0.0
        self._asked_s = float("-inf")

    @property
    def ready(self) -> bool:
        """Whether it may be asked now."""
        return time.monotonic() >= self._due_s

    @property
    def silent_s(self) -> float:
        """Seconds since it was last heard of, or missed."""
        return time.monotonic() - self._asked_s

    def answered(self) -> None:
        """It is there."""
        if self._failures:
            log.info("back", extra={"side": self._name, "failures": self._failures})
        self._failures, self._due_s, self._asked_s = 0, 0.0, time.monotonic()
        self._up.set(1)

    def missed(self, fault: Away) -> None:
        """It is away; it is left alone for longer each time."""
        self._failures += 1
        wait_s = self._backoff.wait_s(self._failures, fault.retry_s)
        self._asked_s = time.monotonic()
        self._due_s = self._asked_s + wait_s
        self._up.set(0)
        told = {"side": self._name, "failures": self._failures, "next_s": round(wait_s, 1), "reason": str(fault)}
        log.warning("away", extra=told)
