"""How fast requests are answered, to tell those that are refused when to come back."""

SHORTEST_S, LONGEST_S = 0.1, 60.0
"""Bounds of a delay: whoever comes back at once loads the server, whoever is told an hour never does."""

WEIGHT = 0.2
"""Of the newest time in the running mean: about the last ten count."""


class Pace:
    """A running mean of service times; 1 s before the first is known."""

    def __init__(self) -> None:
        self._mean_s: float | None = None

    def add(self, seconds: float) -> None:
        """Take the time that one request was worked on."""
        self._mean_s = seconds if self._mean_s is None else (1 - WEIGHT) * self._mean_s + WEIGHT * seconds

    def delay_s(self, ahead_count: int, concurrent_count: int) -> float:
        """
        Seconds after which there is likely to be room again.

        Args:
            ahead_count: Requests that are here.
            concurrent_count: Requests worked on at once.
        """
        mean_s = 1.0 if self._mean_s is None else self._mean_s
        return min(max(mean_s * ahead_count / concurrent_count, SHORTEST_S), LONGEST_S)
