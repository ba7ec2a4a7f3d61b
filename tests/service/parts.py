"""What calls share, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.admission.gate import Gate
from service.inference.engine import Engine
from service.inference.options import InferenceOptions
from service.inference.workers import Workers
from service.metrics import Metrics
from service.models.shadow import Shadow
from service.parts import Parts
from service.reviews import Reviews
from service.settings import Settings
from tests.service.repositories import loaded


@contextmanager
def parts_of(models: Path) -> Iterator[Parts]:
    """All that calls share, with the models of a folder."""
    metrics = Metrics()
    repository = loaded(models, metrics=metrics.models)
    limits = Settings.from_arguments(["--models", str(models)]).limits
    with Workers(1) as workers, Engine(InferenceOptions(), metrics) as engine:
        shadow = Shadow(None, repository, metrics.models)
        yield Parts(repository, engine, workers, shadow, Reviews(None, metrics), metrics, limits, Gate(limits, metrics))
        shadow.close()
