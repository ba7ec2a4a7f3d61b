"""The health check of containers."""

import socket

import pytest

from service.probe import main
from tests.service.servers import running_server


@pytest.fixture(scope="module")
def health(models, tmp_path_factory):
    """The address of a running server's port for probes."""
    log = tmp_path_factory.mktemp("probed") / "log.jsonl"
    with running_server(models, log, "--allow-research", "--health-port", "0") as server:
        yield server.process.stdout.readline().split()[-1]


@pytest.mark.parametrize("service", ["", "cnn", "liveness"])
def test_who_serves_is_healthy(health, service, capsys):
    """The server, its models and its life are told by their names, and the exit status is 0."""
    assert 0 == main([health, "--service", service])
    assert "SERVING\n" == capsys.readouterr().out


@pytest.mark.parametrize(("service", "said"), [("broken", "NOT_SERVING\n"), ("unknown", "NOT_FOUND\n")])
def test_what_is_not_served_is_not_healthy(health, service, said, capsys):
    """A model that could not be loaded, or that nobody knows, ends the probe with 1, and says why."""
    assert 1 == main([health, "--service", service])
    assert said == capsys.readouterr().out


def test_nobody_is_not_healthy(capsys):
    """Where nothing listens the probe ends with 1."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"

    assert 1 == main([address, "--timeout", "1"])
    assert "UNAVAILABLE\n" == capsys.readouterr().out
