"""Fixtures of the service tests."""

import grpc
import pytest

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.models import write_models
from tests.service.servers import running_server


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """The folder of models that the server has."""
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def server(models, tmp_path_factory):
    """A running server."""
    log = tmp_path_factory.mktemp("server") / "log.jsonl"
    with running_server(models, log, "--max-request-mib", "8", "--allow-research") as running:
        yield running


@pytest.fixture(scope="session")
def channel(server):
    """A channel to the server."""
    with grpc.insecure_channel(server.address) as opened:
        yield opened


@pytest.fixture(scope="session")
def stub(channel):
    """The server's calls."""
    return NodeClassifierServiceStub(channel)
