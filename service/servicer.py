"""The calls of the gRPC service."""

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import grpc.aio

from imaging.errors import ImagingError, MaskOutsideVolume
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import findings_pb2 as findings
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceServicer
from service.classifier import Classified, Classifier
from service.encoding import Buffer
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.findings import Classification, Timings
from service.inference.engine import Engine
from service.inference.workers import Workers
from service.metrics import Metrics
from service.model import Model
from service.observer import REQUEST_ID
from service.options import ClassifyOptions
from service.repository import ModelRepository
from service.reviews import Reviews
from service.upload import Upload
from service.wire import bytes_in_memory, mask_from, options_from, require_request_id, volume_from
from service.wire_findings import classification_message, model_message
from service.wire_reviews import opinion_from, receipt_message

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Admitted:
    """
    A request of which all but the bytes has been checked.

    Attributes:
        request: As sent.
        request_id: The caller's, or one made up.
        model: The one to ask.
        options: Choices of the caller.
    """

    request: messages.ClassifyRequest
    request_id: str
    model: Model
    options: ClassifyOptions


class NodeClassifier(NodeClassifierServiceServicer):
    """
    Answers calls.

    Args:
        repository: The models.
        engine: Asks them.
        workers: Where all else is done.
        reviews: Where reviews are kept.
        metrics: Where answers are counted.
        limit_bytes: Largest request, as sent and in memory.
    """

    def __init__(
        self,
        repository: ModelRepository,
        engine: Engine,
        workers: Workers,
        reviews: Reviews,
        metrics: Metrics,
        limit_bytes: int,
    ) -> None:
        self._repository = repository
        self._workers = workers
        self._classifier = Classifier(engine, workers, metrics)
        self._reviews = reviews
        self._metrics = metrics
        self._limit_bytes = limit_bytes

    async def Classify(self, request: messages.ClassifyRequest, context: Context) -> messages.ClassifyResponse:  # noqa: N802 -- as in the proto
        """Score a CT that came in one message."""
        admitted = self._admitted(request)
        return messages.ClassifyResponse(
            classification=await self._answer(admitted, request.volume.voxels, request.mask.voxels)
        )

    async def ClassifyStream(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyStreamRequest], context: Context
    ) -> messages.ClassifyStreamResponse:
        """Score a CT that comes in chunks; what is wrong with the header is told before they come."""
        upload = admitted = None
        async for message in requests:
            match message.WhichOneof("part"):
                case "header" if upload is None:
                    upload = Upload(message.header, self._limit_bytes)
                    admitted = self._admitted(upload.request)
                case "chunk" if upload is not None:
                    upload.add(message.chunk)
                case _:
                    raise InvalidRequest(
                        "part", "the first message must be the header, all others chunks", Reason.INVALID_UPLOAD
                    )
        if upload is None or admitted is None:
            raise InvalidRequest("part", "the stream ended before the header", Reason.INVALID_UPLOAD)
        return messages.ClassifyStreamResponse(classification=await self._answer(admitted, *upload.finished()))

    async def ListModels(self, request: messages.ListModelsRequest, context: Context) -> messages.ListModelsResponse:  # noqa: N802 -- as in the proto
        """Tell which models there are, and why some are not served."""
        default = self._repository.find("", 0)
        known: list[messages.Model] = [
            messages.Model(
                ref=model_message(model.ref),
                ready=True,
                is_default=model is default,
                manifest_json=model.manifest.to_json(),
            )
            for model in self._repository.models
        ]
        for each in self._repository.rejected:
            known.append(messages.Model(ref=model_message(each.ref), problem=each.problem))
        known.sort(key=lambda model: (model.ref.name, model.ref.version))
        return messages.ListModelsResponse(models=known)

    async def SubmitReview(  # noqa: N802 -- as in the proto
        self, request: messages.SubmitReviewRequest, context: Context
    ) -> messages.SubmitReviewResponse:
        """Store a reader's verdict."""
        opinion = opinion_from(request)
        REQUEST_ID.set(opinion.review_id)
        return receipt_message(await self._reviews.store(opinion))

    def _admitted(self, request: messages.ClassifyRequest) -> Admitted:
        """
        Check all of a request but its bytes.

        Raises:
            InvalidRequest: a field is wrong.
            UnknownModel: the model is not served.
            RequestTooLarge: CT and mask would take more memory than is allowed, however small they were sent.
        """
        require_request_id(request.request_id)
        request_id = request.request_id or uuid.uuid4().hex
        REQUEST_ID.set(request_id)
        model = self._repository.find(request.model, request.model_version)
        options = options_from(request.options)
        needed = bytes_in_memory(request)
        if needed > self._limit_bytes:
            raise RequestTooLarge(
                f"CT and mask take {needed} bytes, this server takes {self._limit_bytes}; send a smaller part"
            )
        return Admitted(request, request_id, model, options)

    async def _answer(self, admitted: Admitted, volume_bytes: Buffer, mask_bytes: Buffer) -> findings.Classification:
        start = time.perf_counter()
        model = admitted.model
        with self._metrics.holding(len(volume_bytes) + len(mask_bytes)):
            volume, mask = await self._workers.run(partial(_decoded, admitted.request, volume_bytes, mask_bytes))
            decoded = time.perf_counter()
            classified = await self._classified(volume, mask, model, admitted.options)
        end = time.perf_counter()
        timings = Timings(decoded - start, classified.preprocess_s, classified.inference_s, end - start)
        found = Classification(
            admitted.request_id, model.ref, classified.nodes, classified.notices, timings, classified.heat
        )
        self._metrics.observe(volume, found)
        return await self._workers.run(lambda _: classification_message(found))

    async def _classified(self, volume: Volume, mask: NodeMask, model: Model, options: ClassifyOptions) -> Classified:
        try:
            return await self._classifier.classify(volume, mask, model, options)
        except MaskOutsideVolume as error:
            raise InvalidRequest("mask", str(error), Reason.MASK_OUTSIDE_VOLUME) from error
        except ImagingError as error:
            raise InvalidRequest("mask", str(error), Reason.INVALID_MASK) from error


def _decoded(
    request: messages.ClassifyRequest, volume_bytes: Buffer, mask_bytes: Buffer, _: Event
) -> tuple[Volume, NodeMask]:
    return volume_from(request.volume, volume_bytes), mask_from(request.mask, mask_bytes)
