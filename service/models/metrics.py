"""What Prometheus may ask about the models of a server."""

from collections import Counter as Counts
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.drift import Drift
from service.findings import ModelRef
from service.model import Model

DIFFERENCES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
PAIR = ("model", "shadow")
AGREES = {True: "yes", False: "no"}


class ModelMetrics:
    """
    The metrics of models: which are served, which could not be loaded, and whether a shadow agrees.

    Args:
        registry: Where they are.
        drift: Follows which models are served.
    """

    def __init__(self, registry: CollectorRegistry, drift: Drift | None = None) -> None:
        self.info = Gauge(
            "nodelens_model_info", "Models served.", ("model", "version", "digest", "provider"), registry=registry
        )
        self.failures = Counter(
            "nodelens_model_load_failures_total", "Model files not served.", ("model",), registry=registry
        )
        self.problems = Gauge(
            "nodelens_model_problems", "Model files that are there and cannot be served.", ("model",), registry=registry
        )
        self.shadow_nodes = Counter(
            "nodelens_shadow_nodes_total", "Nodes that a shadow scored too.", (*PAIR, "agrees"), registry=registry
        )
        self.shadow_difference = Histogram(
            "nodelens_shadow_difference", "|Δ probability| of a shadow.", PAIR, buckets=DIFFERENCES, registry=registry
        )
        self.shadow_dropped = Counter(
            "nodelens_shadow_dropped_total", "Answers that a shadow did not score.", ("reason",), registry=registry
        )
        self._drift = drift
        self._told: set[tuple[str, ...]] = set()
        self._problems: Counts[str] = Counts()

    def tell(self, models: Sequence[Model], unusable: Iterable[str] = ()) -> None:
        """
        Tell what is in the folder from now on.

        Args:
            models: Which are served.
            unusable: The names of files that cannot be; those that were refused because of their gates can.
        """
        served: set[tuple[str, ...]] = {(m.ref.name, str(m.ref.version), m.ref.digest, m.provider) for m in models}
        for labels in served:
            self.info.labels(*labels).set(1)
        for labels in self._told - served:
            self.info.remove(*labels)
        self._told = served
        problems = Counts(unusable)
        for name in self._problems.keys() - problems.keys():
            self.problems.remove(name)
        for name, count in problems.items():
            self.problems.labels(name).set(count)
        self._problems = problems
        if self._drift:
            self._drift.follow(models)

    def observe_shadow(self, model: ModelRef, shadow: ModelRef, agrees: bool, difference: float) -> None:
        """Count a node that a shadow scored too: whether its call is the same, and how far its probability is off."""
        pair = _versioned(model), _versioned(shadow)
        self.shadow_nodes.labels(*pair, AGREES[agrees]).inc()
        self.shadow_difference.labels(*pair).observe(difference)


def _versioned(ref: ModelRef) -> str:
    return f"{ref.name}@{ref.version}"
