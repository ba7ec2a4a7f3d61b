"""Servers whose models change while they answer, as their callers see them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request
from tests.service.servers import Server


@dataclass(frozen=True, slots=True)
class Caller:
    """The calls of a server."""

    server: Server
    stub: NodeClassifierServiceStub
    healths: health_pb2_grpc.HealthStub

    def listed(self, name: str, version: int = 1) -> messages.Model | None:
        """What the server says about a model; None where it has none."""
        models = self.stub.ListModels(messages.ListModelsRequest(), timeout=30).models
        return next((model for model in models if (name, version) == (model.ref.name, model.ref.version)), None)

    def digest(self, name: str, version: int = 1) -> str:
        """Of the model that answers, as `listed` tells it."""
        model = self.listed(name, version)
        return model.ref.digest if model else ""

    def asked(self, name: str, version: int = 1, **fields) -> tuple[str, float]:
        """The digest of the model that answers, and its probability of the first node."""
        found = self.stub.Classify(request(model=name, model_version=version, **fields), timeout=60).classification
        return found.model.digest, found.nodes[0].probability

    def refusal(self, name: str, version: int = 1) -> grpc.StatusCode:
        """The code with which a model that is not served is refused; OK where it is served."""
        try:
            self.asked(name, version)
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    def health(self, name: str = "") -> str:
        """Of the server, or of a model; NOT_FOUND where it has none."""
        try:
            answer = self.healths.Check(health_pb2.HealthCheckRequest(service=name), timeout=30)
        except grpc.RpcError as error:
            return error.code().name
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    def logged(self, event: str, model: str) -> int:
        """How often the server's log tells of an event of a model."""
        lines = map(json.loads, self.server.log.read_text().splitlines())
        return sum((line["event"], line.get("model")) == (event, model) for line in lines)


@contextmanager
def caller(server: Server) -> Iterator[Caller]:
    """A connection to a server."""
    with grpc.insecure_channel(server.address) as channel:
        yield Caller(server, NodeClassifierServiceStub(channel), health_pb2_grpc.HealthStub(channel))


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds; a minute is too long."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "this never came true"
        time.sleep(0.05)
