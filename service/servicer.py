"""The calls of the gRPC service."""

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
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
from service.admission.gate import Gate, Place
from service.admission.limits import Limits
from service.admission.patience import patient
from service.classifier import Classified, classify
from service.encoding import Buffer
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.findings import Classification, Timings
from service.metrics import Metrics
from service.model import Model
from service.observer import REQUEST_ID
from service.options import ClassifyOptions
from service.repository import ModelRepository
from service.reviews import Reviews
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
        reviews: Where reviews are kept.
        metrics: Where answers are counted.
        limit_bytes: Largest request, as sent and in memory.
        limits: What else is the most.
        gate: Where requests find a place and a turn.
    """

    def __init__(
        self,
        repository: ModelRepository,
        reviews: Reviews,
        metrics: Metrics,
        limit_bytes: int,
        limits: Limits,
        gate: Gate,
    ) -> None:
        self._limits = limits
        self._gate = gate
        self._repository = repository
        self._reviews = reviews
        self._metrics = metrics
        self._limit_bytes = limit_bytes

    async def Classify(self, request: messages.ClassifyRequest, context: Context) -> messages.ClassifyResponse:  # noqa: N802 -- as in the proto
        """Score a CT that came in one message."""
        voxels = request.volume.voxels, request.mask.voxels
        async with within(self._limits.request_s):
            admitted = self._admitted(request)
            with self._gate.admitted(bytes_held(request, *map(len, voxels))) as place:
                require_time(context)
                return messages.ClassifyResponse(classification=await self._answer(admitted, place, context, *voxels))

    async def ClassifyStream(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyStreamRequest], context: Context
    ) -> messages.ClassifyStreamResponse:
        """Score a CT that comes in chunks; what is wrong with the header, or no room, is told before they come."""
        async with within(self._limits.request_s):
            parts = patient(requests, self._limits.idle_s)
            header = _part(await anext(parts, None), "header").header
            admitted = self._admitted(header.request)
            require_announced(header)
            with self._gate.admitted(bytes_held(header.request, header.volume_bytes, header.mask_bytes)) as place:
                upload = Upload(header, self._limit_bytes)
                async for message in parts:
                    upload.add(_part(message, "chunk").chunk)
                return messages.ClassifyStreamResponse(
                    classification=await self._answer(admitted, place, context, *upload.finished())
                )

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
            RequestTooLarge: CT and mask have more voxels, or would take more memory, than is allowed.
        """
        require_request_id(request.request_id)
        request_id = request.request_id or uuid.uuid4().hex
        REQUEST_ID.set(request_id)
        model = self._repository.find(request.model, request.model_version)
        options = options_from(request.options)
        require_fitting(request, self._limit_bytes, self._limits.voxel_count)
        return Admitted(request, request_id, model, options)

    async def _answer(
        self, admitted: Admitted, place: Place, context: Context, volume_bytes: Buffer, mask_bytes: Buffer
    ) -> findings.Classification:
        arrival = time.perf_counter()
        model, options = admitted.model, admitted.options
        await place.turn()
        require_time(context)
        start = time.perf_counter()
        volume, mask = await place.in_thread(_decoded, admitted.request, volume_bytes, mask_bytes)
        decode_s = time.perf_counter() - start
        classified = await place.in_thread(_classify, volume, mask, model, options, self._limits.node_count)
        total_s = time.perf_counter() - arrival
        timings = Timings(decode_s, classified.preprocess_s, classified.inference_s, total_s)
        found = Classification(
            admitted.request_id, model.ref, classified.nodes, classified.notices, timings, classified.heat
        )
        self._metrics.observe(volume, found, len(model.manifest.preprocessing.slice_offsets))
        return await place.in_thread(classification_message, found)


def _part(message: messages.ClassifyStreamRequest | None, kind: str) -> messages.ClassifyStreamRequest:
    """A message of a stream that must be of this kind; None where the stream ended."""
    if message is None:
        raise InvalidRequest("part", f"the stream ended before the {kind}", Reason.INVALID_UPLOAD)
    if message.WhichOneof("part") != kind:
        raise InvalidRequest("part", "the first message must be the header, all others chunks", Reason.INVALID_UPLOAD)
    return message


def _decoded(request: messages.ClassifyRequest, volume_bytes: Buffer, mask_bytes: Buffer) -> tuple[Volume, NodeMask]:
    return volume_from(request.volume, volume_bytes), mask_from(request.mask, mask_bytes)


def _classify(volume: Volume, mask: NodeMask, model: Model, options: ClassifyOptions, max_nodes: int) -> Classified:
    try:
        return classify(volume, mask, model, options, max_nodes)
    except TooManyNodes as error:
        raise RequestTooLarge(str(error)) from error
    except MaskOutsideVolume as error:
        raise InvalidRequest("mask", str(error), Reason.MASK_OUTSIDE_VOLUME) from error
    except ImagingError as error:
        raise InvalidRequest("mask", str(error), Reason.INVALID_MASK) from error
