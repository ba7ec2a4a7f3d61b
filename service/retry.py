"""When a call that failed is made again."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from nodelens.v1 import node_classifier_service_pb2 as messages

SERVICE = messages.DESCRIPTOR.services_by_name["NodeClassifierService"].full_name

UNARY_METHODS = ("Classify", "ListModels", "SubmitReview")
"""Those that gRPC itself repeats. What is streamed outgrows the buffer it would be repeated from."""

JITTER = 0.2
"""Share by which a wait is longer or shorter by chance, so that clients of a restarted server do not come at once."""

THROTTLING = {"maxTokens": 10, "tokenRatio": 0.1}
"""A server that fails most calls is not asked again: a failure costs a token, a success brings a tenth of one."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    How often and how soon a call is made again that ended as ``UNAVAILABLE``, and with no other status.

    That is safe: calls that score change nothing, and a review sent twice is stored once.

    Attributes:
        attempts: Calls altogether, from 1, which is no retry; gRPC makes at most 5 of those that are not streamed.
        first_wait_s: Wait before the second.
        longest_wait_s: Waits grow up to this.
        multiplier: Of each wait to the one before.
        absence_s: How long a server may be away that was there, before a streamed call is given up.
    """

    attempts: int = 4
    first_wait_s: float = 0.1
    longest_wait_s: float = 1.0
    multiplier: float = 2.0
    absence_s: float = 60.0

    def waits_s(self) -> Iterator[float]:
        """The waits between the attempts, in seconds, each with its share of chance."""
        for n in range(self.attempts - 1):
            wait_s = min(self.first_wait_s * self.multiplier**n, self.longest_wait_s)
            yield wait_s * random.uniform(1 - JITTER, 1 + JITTER)

    def service_config(self, watch_health: bool = False) -> str:
        """
        The policy as gRPC reads it (gRFC A6), JSON.

        Args:
            watch_health: Whether no call is made while the server says that it is not ready (gRFC A17).
        """
        config: dict[str, object] = {}
        if self.attempts > 1:
            policy = {
                "maxAttempts": self.attempts,
                "initialBackoff": f"{self.first_wait_s:.9f}s",
                "maxBackoff": f"{self.longest_wait_s:.9f}s",
                "backoffMultiplier": self.multiplier,
                "retryableStatusCodes": ["UNAVAILABLE"],
            }
            names = [{"service": SERVICE, "method": method} for method in UNARY_METHODS]
            config |= {"methodConfig": [{"name": names, "retryPolicy": policy}], "retryThrottling": THROTTLING}
        if watch_health:
            # Only this balancer looks at the health.
            config |= {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": SERVICE}}
        return json.dumps(config)


class Deadline:
    """The moment after which nobody waits any more."""

    def __init__(self, allowed_s: float) -> None:
        self._end = time.monotonic() + allowed_s

    @property
    def left_s(self) -> float:
        """Seconds until then; 0 where it has passed."""
        return max(self._end - time.monotonic(), 0.0)
