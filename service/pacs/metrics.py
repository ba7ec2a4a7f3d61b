"""What Prometheus may ask a bridge."""

import time

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.faults import CannotStart
from service.pacs.task import State

SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
OUTCOMES = (State.STORED, State.REFUSED, State.FAILED)


class BridgeMetrics:
    """All metrics of one bridge, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.studies = Counter(
            "nodelens_pacs_studies_total", "Markings gone on with, by outcome.", ("outcome",), registry=registry
        )
        self.handling = Histogram(
            "nodelens_pacs_handling_seconds",
            "From the first byte fetched to the last result stored.",
            buckets=SECONDS,
            registry=registry,
        )
        self.waiting = Gauge("nodelens_pacs_backlog", "Studies that wait.", registry=registry)
        self.oldest = Gauge("nodelens_pacs_oldest_seconds", "Age of the first of them; 0 if none.", registry=registry)
        self.source_up = Gauge(
            "nodelens_pacs_source_up", "1 if the archive, or the peer for results, answered last.", registry=registry
        )
        self.service_up = Gauge("nodelens_pacs_service_up", "1 if the service answered last.", registry=registry)
        self._oldest_s: float | None = None
        self.oldest.set_function(self._age_s)
        for outcome in OUTCOMES:
            self.studies.labels(outcome.value)

    def observe_backlog(self, count: int, oldest_s: float | None) -> None:
        """Tell how many studies wait, and since when the first of them, seconds since 1970."""
        self.waiting.set(count)
        self._oldest_s = oldest_s

    def serve(self, host: str, port: int) -> int:
        """
        Answer ``/metrics`` as long as the process lives; the port.

        Raises:
            CannotStart: the port is taken.
        """
        try:
            server, _ = prometheus_client.start_http_server(port, host, self.registry)
        except OSError as error:
            raise CannotStart(f"cannot serve metrics on {host}:{port}: {error.strerror}") from error
        return int(server.server_port)

    def _age_s(self) -> float:
        oldest_s = self._oldest_s
        return max(time.time() - oldest_s, 0.0) if oldest_s is not None else 0.0
