"""Whether the server answers: ``grpc.health.v1``, and reflection."""

import asyncio
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from inference import open_inference_pb2 as open_inference
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.repository import ModelRepository

CALLS = messages.DESCRIPTOR.services_by_name["NodeClassifierService"]
SERVICE = CALLS.full_name
OPEN_INFERENCE = open_inference.DESCRIPTOR.services_by_name["GRPCInferenceService"].full_name
LIVENESS = "liveness"
REFLECTIONS = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
"""Both have the same messages; the library registers the older name only."""


class Watched(health.aio.HealthServicer):  # type: ignore[misc]
    """
    The library's servicer, with watches that nobody waits for.

    The library's own last until the end of the server's grace, and keep changes waiting for whoever does not read.
    """

    def __init__(self) -> None:
        super().__init__()
        self._server_status[""] = health_pb2.HealthCheckResponse.NOT_SERVING
        self._watches: set[asyncio.Task[Any] | None] = set()
        self._changed = asyncio.Event()
        self._ended = False

    async def set(self, service: str, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        """Tell a state from now on."""
        self._server_status[service] = status
        self._changed.set()
        self._changed = asyncio.Event()

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:  # noqa: N802 -- as in the proto
        """Tell the state, and every change of it."""
        watch = asyncio.current_task()
        self._watches.add(watch)
        try:
            await self._tell(request.service, context)
        except asyncio.CancelledError:
            if not self._ended:
                raise
        finally:
            self._watches.discard(watch)

    async def _tell(self, service: str, context: Any) -> None:
        told = None
        while True:
            changed = self._changed
            status = self._server_status.get(service, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
            if status != told:
                await context.write(health_pb2.HealthCheckResponse(status=status))
            told = status
            await changed.wait()

    async def List(self, request: health_pb2.HealthListRequest, context: Any) -> health_pb2.HealthListResponse:  # noqa: N802 -- as in the proto
        """Tell the state of all that there is."""
        answer = health_pb2.HealthCheckResponse
        there = {name: status for name, status in self._server_status.items() if status != answer.SERVICE_UNKNOWN}
        return health_pb2.HealthListResponse(statuses={name: answer(status=each) for name, each in there.items()})

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> Any:  # noqa: N802 -- as in the proto
        """Tell the state; what is gone is as unknown as what never was."""
        answer = await super().Check(request, context)
        if answer.status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return answer

    def end(self) -> None:
        """End all watches, as a stream ends that is complete."""
        self._ended = True
        for watch in self._watches:
            if watch:
                watch.cancel()


class Health:
    """
    Answers for the server (``""``), its services, each model, and ``liveness``.

    All but the last follow readiness: a server that ends its work is not ready, and still alive. A server without a
    model that can be asked is not ready either, nor is a model of which no version can be.

    Attributes:
        ready: Whether calls will be answered.
    """

    def __init__(self, server: grpc.aio.Server, repository: ModelRepository) -> None:
        self.ready = False
        self._servicer = Watched()
        self._repository = repository
        self._names: set[str] = set()
        self.answer_on(server)

    def answer_on(self, server: grpc.aio.Server) -> None:
        """Answer on one more server."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def set_ready(self, ready: bool) -> None:
        """Tell whether calls will be answered."""
        self.ready = ready
        await self._servicer.set(LIVENESS, health_pb2.HealthCheckResponse.SERVING)
        await self.follow()

    async def follow(self) -> None:
        """Tell again, now that other models may be served."""
        served = {model.ref.name for model in self._repository.models}
        serving = {name: name in served for name in {slot.file.name for slot in self._repository.slots} - {LIVENESS}}
        serving |= dict.fromkeys(("", SERVICE, OPEN_INFERENCE), bool(served))
        for name in self._names - serving.keys():
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        for name, answers in serving.items():
            status = "SERVING" if answers and self.ready else "NOT_SERVING"
            await self._servicer.set(name, health_pb2.HealthCheckResponse.ServingStatus.Value(status))
        self._names = set(serving)

    def end(self) -> None:
        """Let go of those who watch: they have been told."""
        self._servicer.end()


def add_reflection(server: grpc.aio.Server) -> None:
    """Let tools such as grpcurl ask for the messages."""
    servicer = reflection.aio.ReflectionServicer([SERVICE, OPEN_INFERENCE, health.SERVICE_NAME, *REFLECTIONS])
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in REFLECTIONS:
        methods = {"ServerReflectionInfo": handler}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
