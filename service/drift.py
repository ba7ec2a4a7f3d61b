"""How far what a model is sent has moved from what it learnt from."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from threading import RLock

from prometheus_client import CollectorRegistry, Gauge

from imaging.distribution import Distribution, Feature, ct_features, node_features
from imaging.geometry import Geometry
from service.findings import ModelRef, NodeFinding
from service.model import Model

WINDOW = 500
"""The last values that are looked at; of nodes, or of CTs for their spacing."""

FEWEST = 100
"""Values before anything is said: with fewer, chance alone goes beyond .25 now and then."""


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    """A model, what it learnt from, and what it was sent of late, by feature."""

    ref: ModelRef
    learnt_from: Mapping[str, Distribution]
    seen: dict[str, deque[float]] = field(default_factory=dict)


class Drift:
    """
    Compares the last inputs of each model with its training data; `imaging.distribution` says how.

    Of the versions of a name the newest is watched. A model that does not tell its training data has no gauge, and
    no feature has one before enough has been seen of it.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gauge = Gauge(
            "nodelens_input_drift",
            "Population stability index of inputs against training data, beyond chance.",
            ("model", "feature"),
            registry=registry,
        )
        self._watches: dict[str, _Watch] = {}
        # Models come and go in another thread than answers do.
        self._lock = RLock()

    def follow(self, models: Sequence[Model]) -> None:
        """Watch these models from now on, and no other."""
        with self._lock:
            for name in self._watches.keys() - {model.ref.name for model in models}:
                self.retire(name)
            for model in models:
                self.serve(model)

    def serve(self, model: Model) -> None:
        """Watch a model from now on, in the place of an older version or of another file."""
        ref, watch = model.ref, self._watches.get(model.ref.name)
        if watch is not None and (watch.ref == ref or watch.ref.version > ref.version):
            return
        self.retire(ref.name)
        learnt_from = {each.feature: each for each in model.manifest.training_data.distribution}
        self._watches[ref.name] = _Watch(ref, learnt_from)

    def retire(self, name: str) -> None:
        """Forget what the models of a name were sent."""
        watch = self._watches.pop(name, None)
        for feature, values in (watch.seen if watch else {}).items():
            if len(values) >= FEWEST:
                self._gauge.remove(name, feature)

    def observe(self, ref: ModelRef, ct: Geometry, nodes: Iterable[NodeFinding]) -> None:
        """Take note of a CT and its nodes; of those that were not scored, and of a CT without any other, nothing."""
        scored = [(node.measurements, node.score.probability) for node in nodes if node.score]
        with self._lock:
            watch = self._watches.get(ref.name)
            if watch is None or watch.ref != ref or not scored:
                return
            _see(watch, ct_features(ct.upright_spacing_mm))
            for measurements, probability in scored:
                _see(watch, {**node_features(measurements), Feature.PROBABILITY: probability})
            for feature, values in watch.seen.items():
                if len(values) >= FEWEST:
                    self._gauge.labels(ref.name, feature).set(watch.learnt_from[feature].drift(values))


def _see(watch: _Watch, values: Mapping[Feature, float]) -> None:
    for feature, value in values.items():
        if feature in watch.learnt_from and isfinite(value):
            watch.seen.setdefault(feature.value, deque(maxlen=WINDOW)).append(value)
