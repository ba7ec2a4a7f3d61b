"""Repositories whose models are loaded."""

from pathlib import Path

from service.model import Device
from service.models.metrics import ModelMetrics
from service.models.options import ModelOptions
from service.repository import DEFAULT_OPTIONS, ModelRepository


def loaded(
    folder: Path,
    default: str | None = None,
    options: ModelOptions = DEFAULT_OPTIONS,
    metrics: ModelMetrics | None = None,
) -> ModelRepository:
    """The models of a folder, on the CPU."""
    repository = ModelRepository.at(folder, Device.CPU, 1, default, options, metrics)
    repository.begin()
    return repository
