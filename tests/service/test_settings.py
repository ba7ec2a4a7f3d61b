"""The server's command line."""

from pathlib import Path

import pytest

from service.faults import CannotStart
from service.inference.options import InferenceOptions
from service.model import Device
from service.models.options import ModelOptions
from service.settings import Settings


def test_defaults():
    """Only the models' folder must be given; the server listens to this machine only."""
    settings = Settings.from_arguments(["--models", "models"])

    assert Path("models") == settings.models
    assert ("127.0.0.1", 50051, 9464) == (settings.host, settings.port, settings.metrics_port)
    assert Device.AUTO is settings.device
    assert settings.reviews is None
    assert ModelOptions() == settings.model_options
    assert InferenceOptions() == settings.inference


def test_reviews_are_kept_where_told():
    """The ledger is a file of the operator's choice."""
    assert Path("r.jsonl") == Settings.from_arguments(["--models", "models", "--reviews", "r.jsonl"]).reviews


@pytest.mark.parametrize("address", ["50051", ":50051", "localhost:", "localhost:http", "localhost:70000"])
def test_an_address_has_host_and_port(address):
    """Anything else is refused with an example."""
    with pytest.raises(CannotStart, match=r"must be HOST:PORT, such as 127\.0\.0\.1:50051"):
        Settings.from_arguments(["--models", "models", "--listen", address])


@pytest.mark.parametrize("option", [("--threads", "0"), ("--max-request-mib", "0"), ("--grace", "nan")])
def test_numbers_that_serve_nobody_are_refused(option):
    """No threads, no room or no time: the server does not start."""
    with pytest.raises(CannotStart, match="must be at least 1, --grace at least 0"):
        Settings.from_arguments(["--models", "models", *option])
