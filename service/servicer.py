"""The calls of the gRPC service."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
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
from service.logs import REQUEST_ID
from service.model import Model
from service.options import ClassifyOptions
from service.parts import Parts
from service.tracing import tell_stages
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
        parts: What calls share.
        limit_bytes: Largest request, as sent and in memory.
    """

    def __init__(self, parts: Parts, limit_bytes: int) -> None:
        self._parts = parts
        self._classifier = Classifier(parts.engine, parts.workers, parts.metrics)
        self._limit_bytes = limit_bytes

    async def Classify(self, request: messages.ClassifyRequest, context: Context) -> messages.ClassifyResponse:  # noqa: N802 -- as in the proto
        """Score a CT that came in one message."""
        with self._admitted(request) as admitted:
            answer = await self._answer(admitted, request.volume.voxels, request.mask.voxels, context)
        return messages.ClassifyResponse(classification=answer)

    async def ClassifyStream(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyStreamRequest], context: Context
    ) -> messages.ClassifyStreamResponse:
        """Score a CT that comes in chunks; what is wrong with the header is told before they come."""
        upload = admitted = None
        with ExitStack() as stack:
            async for message in requests:
                match message.WhichOneof("part"):
                    case "header" if upload is None:
                        upload = Upload(message.header, self._limit_bytes)
                        admitted = stack.enter_context(self._admitted(upload.request))
                    case "chunk" if upload is not None:
                        upload.add(message.chunk)
                    case _:
                        raise InvalidRequest(
                            "part", "the first message must be the header, all others chunks", Reason.INVALID_UPLOAD
                        )
            if upload is None or admitted is None:
                raise InvalidRequest("part", "the stream ended before the header", Reason.INVALID_UPLOAD)
            answer = await self._answer(admitted, *upload.finished(), context)
        return messages.ClassifyStreamResponse(classification=answer)

    async def ListModels(self, request: messages.ListModelsRequest, context: Context) -> messages.ListModelsResponse:  # noqa: N802 -- as in the proto
        """Tell which models there are, and why some are not served."""
        default = self._parts.repository.newest(self._parts.repository.default_name)
        return messages.ListModelsResponse(
            models=[
                messages.Model(
                    ref=model_message(slot.ref),
                    ready=slot.lease is not None,
                    is_default=slot is default,
                    manifest_json=slot.manifest.to_json() if slot.manifest else "",
                    problem=slot.problem,
                )
                for slot in self._parts.repository.slots
            ]
        )

    async def SubmitReview(  # noqa: N802 -- as in the proto
        self, request: messages.SubmitReviewRequest, context: Context
    ) -> messages.SubmitReviewResponse:
        """Store a reader's verdict."""
        opinion = opinion_from(request)
        REQUEST_ID.set(opinion.review_id)
        return receipt_message(await self._parts.reviews.store(opinion))

    @contextmanager
    def _admitted(self, request: messages.ClassifyRequest) -> Iterator[Admitted]:
        """
        Check all of a request but its bytes, and borrow the model.

        Raises:
            InvalidRequest: a field is wrong.
            UnknownModel: the model is not served.
            ModelNotReleased: likewise, because of its gates.
            RequestTooLarge: CT and mask would take more memory than is allowed, however small they were sent.
        """
        require_request_id(request.request_id)
        request_id = request.request_id or REQUEST_ID.get()
        REQUEST_ID.set(request_id)
        options = options_from(request.options)
        needed = bytes_in_memory(request)
        if needed > self._limit_bytes:
            raise RequestTooLarge(
                f"CT and mask take {needed} bytes, this server takes {self._limit_bytes}; send a smaller part"
            )
        with self._parts.repository.borrowed(request.model, request.model_version, request_id) as model:
            yield Admitted(request, request_id, model, options)

    async def _answer(
        self, admitted: Admitted, volume_bytes: Buffer, mask_bytes: Buffer, context: Context
    ) -> findings.Classification:
        start = time.perf_counter()
        model, manifest = admitted.model, admitted.model.manifest
        with self._parts.metrics.holding(len(volume_bytes) + len(mask_bytes)):
            volume, mask = await self._parts.workers.run(partial(_decoded, admitted.request, volume_bytes, mask_bytes))
            decoded = time.perf_counter()
            classified = await self._classified(volume, mask, model, admitted.options)
        end = time.perf_counter()
        timings = Timings(
            decoded - start, classified.preprocess_s, classified.queue_s, classified.inference_s, end - start
        )
        found = Classification(
            admitted.request_id, model.ref, classified.nodes, classified.notices, timings, classified.heat
        )
        self._parts.metrics.observe(volume, found)
        context.add_done_callback(lambda _: self._parts.shadow.offer(found, classified.crops, manifest))  # type: ignore[arg-type]
        message = await self._parts.workers.run(lambda _: classification_message(found))
        tell_stages(start, timings)
        return message

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
