"""What Prometheus may ask about who comes in."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from service.admission.limits import Limits
from service.faults import Reason


class AdmissionMetrics:
    """
    The metrics of admission: whether calls are answered, how much room there is, and why calls were refused.

    Args:
        registry: Where they are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ready = Gauge("nodelens_ready", "1 where calls are answered.", registry=registry)
        self.refused = Counter("nodelens_refused_total", "Calls refused, by reason.", ("reason",), registry=registry)
        self._queue = Gauge(
            "nodelens_queue_limit", "Requests that may be here beyond those that are worked on.", registry=registry
        )
        self._bytes = Gauge("nodelens_in_flight_limit_bytes", "Bytes that all requests may hold.", registry=registry)
        # A counter that appears with its first count has not grown, for Prometheus.
        for reason in Reason:
            self.refused.labels(reason.value)

    def tell(self, limits: Limits) -> None:
        """Tell how much room there is."""
        self._queue.set(limits.queue_count)
        self._bytes.set(limits.in_flight_bytes)
