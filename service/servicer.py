"""The calls of the gRPC service."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import grpc.aio

from imaging.errors import ImagingError, MaskOutsideVolume, TooManyNodes
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import findings_pb2 as findings
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceServicer
from service.admission.deadline import require_time, within
from service.admission.footprint import bytes_held, require_announced, require_fitting
from service.admission.gate import Place
from service.admission.patience import patient
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
from service.wire import mask_from, options_from, require_request_id, volume_from
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
        inflated_bytes: Of CT and mask in memory.
    """

    request: messages.ClassifyRequest
    request_id: str
    model: Model
    options: ClassifyOptions
    inflated_bytes: int


class NodeClassifier(NodeClassifierServiceServicer):
    """
    Answers calls.

    Args:
        parts: What calls share.
        limit_bytes: Largest request, as sent and in memory.
    """

    def __init__(self, parts: Parts, limit_bytes: int) -> None:
        self._parts = parts
        self._classifier = Classifier(parts.engine, parts.workers, parts.metrics, parts.limits.node_count)
        self._limit_bytes = limit_bytes

    async def Classify(self, request: messages.ClassifyRequest, context: Context) -> messages.ClassifyResponse:  # noqa: N802 -- as in the proto
        """Score a CT that came in one message."""
        async with within(self._parts.limits.request_s):
            with self._admitted(request) as admitted:
                voxels = request.volume.voxels, request.mask.voxels
                held_bytes = bytes_held(request, admitted.inflated_bytes, *map(len, voxels))
                with self._parts.gate.admitted(held_bytes) as place:
                    answer = await self._answer(admitted, place, context, *voxels)
        return messages.ClassifyResponse(classification=answer)

    async def ClassifyStream(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyStreamRequest], context: Context
    ) -> messages.ClassifyStreamResponse:
        """Score a CT that comes in chunks; what is wrong with the header, or no room, is told before they come."""
        async with within(self._parts.limits.request_s):
            parts = patient(requests, self._parts.limits.idle_s)
            header = _part(await anext(parts, None), "header").header
            with self._admitted(header.request) as admitted:
                require_announced(header)
                held_bytes = bytes_held(header.request, admitted.inflated_bytes, header.volume_bytes, header.mask_bytes)
                with self._parts.gate.admitted(held_bytes) as place:
                    upload = Upload(header, self._limit_bytes)
                    async for message in parts:
                        upload.add(_part(message, "chunk").chunk)
                    answer = await self._answer(admitted, place, context, *upload.finished())
        return messages.ClassifyStreamResponse(classification=answer)

    async def ListModels(self, request: messages.ListModelsRequest, context: Context) -> messages.ListModelsResponse:  # noqa: N802 -- as in the proto
        """Tell which models there are, and why some are not served."""
        self._parts.gate.require_open()
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
        self._parts.gate.require_open()
        opinion = opinion_from(request)
        REQUEST_ID.set(opinion.review_id)
        return receipt_message(await self._parts.reviews.store(opinion))

    @contextmanager
    def _admitted(self, request: messages.ClassifyRequest) -> Iterator[Admitted]:
        """
        Check all of a request but its bytes, and borrow the model.

        Raises:
            NotServing: the server is about to end, or has just begun.
            InvalidRequest: a field is wrong.
            UnknownModel: the model is not served.
            ModelNotReleased: likewise, because of its gates.
            RequestTooLarge: CT and mask have more voxels, or would take more memory, than is allowed.
        """
        self._parts.gate.require_open()
        require_request_id(request.request_id)
        request_id = request.request_id or REQUEST_ID.get()
        REQUEST_ID.set(request_id)
        options = options_from(request.options)
        inflated_bytes = require_fitting(request, self._limit_bytes, self._parts.limits.voxel_count)
        with self._parts.repository.borrowed(request.model, request.model_version, request_id) as model:
            yield Admitted(request, request_id, model, options, inflated_bytes)

    async def _answer(
        self, admitted: Admitted, place: Place, context: Context, volume_bytes: Buffer, mask_bytes: Buffer
    ) -> findings.Classification:
        model, workers = admitted.model, self._parts.workers
        require_time(context)
        await place.turn()
        require_time(context)
        start = time.perf_counter()
        volume, mask = await workers.run(partial(_decoded, admitted.request, volume_bytes, mask_bytes))
        decode_s = time.perf_counter() - start
        classified = await self._classified(volume, mask, model, admitted.options)
        total_s = time.perf_counter() - start
        timings = Timings(decode_s, classified.preprocess_s, classified.queue_s, classified.inference_s, total_s)
        found = Classification(
            admitted.request_id, model.ref, classified.nodes, classified.notices, timings, classified.heat
        )
        self._parts.metrics.observe(volume, found)
        self._offer_afterwards(context, found, classified, model)
        message = await workers.run(lambda _: classification_message(found))
        tell_stages(start, timings)
        return message

    def _offer_afterwards(self, context: Context, found: Classification, classified: Classified, model: Model) -> None:
        """Offer an answer to the shadow once it has been given."""
        offer = partial(self._parts.shadow.offer, found, classified.crops, model.manifest)
        context.add_done_callback(lambda _: offer())  # type: ignore[arg-type]

    async def _classified(self, volume: Volume, mask: NodeMask, model: Model, options: ClassifyOptions) -> Classified:
        try:
            return await self._classifier.classify(volume, mask, model, options)
        except TooManyNodes as error:
            raise RequestTooLarge(str(error)) from error
        except MaskOutsideVolume as error:
            raise InvalidRequest("mask", str(error), Reason.MASK_OUTSIDE_VOLUME) from error
        except ImagingError as error:
            raise InvalidRequest("mask", str(error), Reason.INVALID_MASK) from error


def _part(message: messages.ClassifyStreamRequest | None, kind: str) -> messages.ClassifyStreamRequest:
    """A message of a stream that must be of this kind; None where the stream ended."""
    if message is None:
        raise InvalidRequest("part", f"the stream ended before the {kind}", Reason.INVALID_UPLOAD)
    if message.WhichOneof("part") != kind:
        raise InvalidRequest("part", "the first message must be the header, all others chunks", Reason.INVALID_UPLOAD)
    return message


def _decoded(
    request: messages.ClassifyRequest, volume_bytes: Buffer, mask_bytes: Buffer, _: Event
) -> tuple[Volume, NodeMask]:
    return volume_from(request.volume, volume_bytes), mask_from(request.mask, mask_bytes)
