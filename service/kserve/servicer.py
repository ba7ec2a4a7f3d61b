"""The calls of ``inference.GRPCInferenceService``."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from importlib.metadata import version as installed_version
from threading import Event
from typing import Any

import grpc.aio
import numpy as np
from numpy.typing import NDArray

from inference import open_inference_pb2 as messages
from inference.open_inference_pb2_grpc import GRPCInferenceServiceServicer
from service.admission.deadline import require_time, within
from service.classifier import model_notices
from service.faults import InvalidRequest, ModelNotReleased, Reason, UnknownModel
from service.inference.workers import Abandoned
from service.kserve.graph import Signature
from service.kserve.tensors import crops_from, outputs_wanted, raw, signature_messages, tensor_message
from service.logs import REQUEST_ID
from service.model import BATCH_SLICES, Model
from service.models.files import VERSION
from service.parts import Parts
from service.wire import require_request_id

PLATFORM = "onnx_onnxv1"
READY, UNAVAILABLE = "READY", "UNAVAILABLE"

Context = grpc.aio.ServicerContext[Any, Any]


class OpenInference(GRPCInferenceServiceServicer):
    """
    Answers calls.

    Args:
        parts: What calls share.
        is_ready: Tells whether calls will be answered.
    """

    def __init__(self, parts: Parts, is_ready: Callable[[], bool]) -> None:
        self._parts = parts
        self._turn = asyncio.Lock()
        self._is_ready = is_ready

    async def ServerLive(self, request: messages.ServerLiveRequest, context: Context) -> messages.ServerLiveResponse:  # noqa: N802 -- as in the proto
        """Tell that the process answers."""
        return messages.ServerLiveResponse(live=True)

    async def ServerReady(self, request: messages.ServerReadyRequest, context: Context) -> messages.ServerReadyResponse:  # noqa: N802 -- as in the proto
        """Tell whether calls will be answered."""
        return messages.ServerReadyResponse(ready=self._is_ready())

    async def ModelReady(self, request: messages.ModelReadyRequest, context: Context) -> messages.ModelReadyResponse:  # noqa: N802 -- as in the proto
        """Tell whether a model can be asked."""
        try:
            with self._borrowed(request.name, request.version, "version"):
                return messages.ModelReadyResponse(ready=self._is_ready())
        except (ModelNotReleased, UnknownModel):
            return messages.ModelReadyResponse(ready=False)

    async def ServerMetadata(  # noqa: N802 -- as in the proto
        self, request: messages.ServerMetadataRequest, context: Context
    ) -> messages.ServerMetadataResponse:
        """Tell name and version of the server."""
        return messages.ServerMetadataResponse(name="nodelens", version=installed_version("nodelens"))

    async def ModelMetadata(  # noqa: N802 -- as in the proto
        self, request: messages.ModelMetadataRequest, context: Context
    ) -> messages.ModelMetadataResponse:
        """Tell what a network takes and gives."""
        self._parts.gate.require_open()
        with self._borrowed(request.name, request.version, "version") as model:
            signature = Signature.of(model)
        refs = [each.ref for each in self._parts.repository.models]
        return messages.ModelMetadataResponse(
            name=model.ref.name,
            versions=[str(ref.version) for ref in refs if ref.name == model.ref.name],
            platform=PLATFORM,
            inputs=signature_messages([signature.crops]),
            outputs=signature_messages(signature.outputs),
        )

    async def ModelInfer(self, request: messages.ModelInferRequest, context: Context) -> messages.ModelInferResponse:  # noqa: N802 -- as in the proto
        """Run a network on crops."""
        require_request_id(request.id, "id")
        REQUEST_ID.set(request.id or REQUEST_ID.get())
        self._parts.gate.require_open()
        async with within(self._parts.limits.request_s):
            return await self._inferred(request, context)

    async def _inferred(self, request: messages.ModelInferRequest, context: Context) -> messages.ModelInferResponse:
        with (
            self._borrowed(request.model_name, request.model_version, "model_version") as model,
            self._parts.gate.admitted(request.ByteSize()) as place,
        ):
            signature = Signature.of(model)
            names = outputs_wanted(request, signature)
            require_time(context)
            await place.turn()
            require_time(context)
            crops = await self._parts.workers.run(lambda _: crops_from(request, signature.crops))
            outputs = await self._run(model, crops, names)
        return messages.ModelInferResponse(
            model_name=model.ref.name,
            model_version=str(model.ref.version),
            id=request.id,
            parameters={each.code: messages.InferParameter(bool_param=True) for each in model_notices(model.manifest)},
            outputs=map(tensor_message, names, outputs),
            raw_output_contents=map(raw, outputs),
        )

    async def RepositoryIndex(  # noqa: N802 -- as in the proto
        self, request: messages.RepositoryIndexRequest, context: Context
    ) -> messages.RepositoryIndexResponse:
        """Tell which models there are, and why some are not served."""
        self._parts.gate.require_open()
        index = messages.RepositoryIndexResponse.ModelIndex
        return messages.RepositoryIndexResponse(
            models=[
                index(
                    name=slot.file.name,
                    version=str(slot.file.version),
                    state=READY if slot.lease else UNAVAILABLE,
                    reason=slot.problem,
                )
                for slot in self._parts.repository.slots
                if slot.lease or not request.ready
            ]
        )

    def _borrowed(self, name: str, version: str, field: str) -> AbstractContextManager[Model]:
        """
        The model of a name and version for the time of a call; an empty version is the newest.

        Raises:
            InvalidRequest: the version is no number.
            ModelNotReleased: it did not pass its gates.
            UnknownModel: it is not served.
        """
        if version and not VERSION.fullmatch(version):
            raise InvalidRequest(field, "must be a whole number from 1, or empty for the newest", Reason.INVALID_TENSOR)
        return self._parts.repository.borrowed(name, int(version or 0), REQUEST_ID.get())

    async def _run(self, model: Model, crops: NDArray[np.float32], names: Sequence[str]) -> list[NDArray[np.float32]]:
        """The outputs of these names; a call that is cancelled ends after the batch at hand."""
        batches = [crops[start : start + BATCH_SLICES] for start in range(0, len(crops), BATCH_SLICES)]
        results = []
        for batch in batches:
            # One thread waits for the device, not all.
            async with self._turn:
                results.append(await self._parts.workers.run(partial(self._run_one, model, batch, names)))
        return [np.concatenate(parts) for parts in zip(*results, strict=True)]

    def _run_one(
        self, model: Model, crops: NDArray[np.float32], names: Sequence[str], ended: Event
    ) -> list[NDArray[np.float32]]:
        with self._parts.engine.device:
            if ended.is_set():
                raise Abandoned
            self._parts.metrics.batch.observe(len(crops))
            return model.session.run_for(names, crops)
