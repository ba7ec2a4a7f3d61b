"""What calls share, without a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.inference.engine import Engine
from service.inference.options import InferenceOptions
from service.inference.workers import Workers
from service.metrics import Metrics
from service.model import Device
from service.models.shadow import Shadow
from service.parts import Parts
from service.repository import ModelRepository
from service.reviews import Reviews


@contextmanager
def parts_of(models: Path) -> Iterator[Parts]:
    """All that calls share, with the models of a folder."""
    metrics = Metrics()
    repository = ModelRepository.load(models, Device.CPU, 1, None, metrics=metrics.models)
    with Workers(1) as workers, Engine(InferenceOptions(), metrics) as engine:
        shadow = Shadow(None, repository, metrics.models)
        yield Parts(repository, engine, workers, shadow, Reviews(None, metrics), metrics)
        shadow.close()
