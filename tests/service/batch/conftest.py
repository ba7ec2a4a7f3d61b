"""Fixtures of the tests of batches."""

import shutil

import pytest

from service.batch.embedded import Embedded, ModelChoice
from service.model import Device
from tests.service.batch.cohorts import write_cohort
from tests.service.models.published import publish, shifted
from tests.service.servers import running_server


@pytest.fixture(scope="session")
def cohort(tmp_path_factory):
    """The table of a cohort of ten CTs."""
    return write_cohort(tmp_path_factory.mktemp("cohort"), 10)


@pytest.fixture(scope="session")
def tight(models, tmp_path_factory):
    """A server with room for one request alone, and with another file of model cnn than the first server's."""
    folder = tmp_path_factory.mktemp("tight")
    shutil.copytree(models, folder / "models")
    path = folder / "models" / "cnn" / "1" / "model.onnx"
    publish(shifted(path.read_bytes(), 0.5), path)
    words = ["--allow-research", "--concurrent", "1", "--max-queue", "1", "--threads", "1"]
    with running_server(folder / "models", folder / "log.jsonl", *words) as running:
        yield running


@pytest.fixture(scope="session")
def choice(models):
    """Model cnn-gap 1 in this process, on the CPU."""
    return ModelChoice(models, "cnn-gap", 1, device=Device.CPU)


@pytest.fixture(scope="session")
def embedded(choice):
    """The same, loaded."""
    with Embedded(choice) as loaded:
        yield loaded
