"""The calls of the gRPC service."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event

from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import findings_pb2 as findings
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceServicer
from service.admission.deadline import within
from service.admission.footprint import bytes_held, require_announced, require_fitting
from service.admission.gate import Place
from service.admission.patience import patient
from service.answering import Answering, Asked, Context, turn
from service.encoding import Buffer
from service.instances.call import DicomCall
from service.logs import REQUEST_ID
from service.parts import Parts
from service.tracing import tell_stages
from service.upload import Upload, part_of
from service.wire import mask_from, volume_from
from service.wire_findings import classification_message, model_message
from service.wire_reviews import opinion_from, receipt_message


@dataclass(frozen=True, slots=True, eq=False)
class Admitted:
    """
    A request of which all but the bytes has been checked.

    Attributes:
        request: As sent.
        asked: What it wants to know.
        inflated_bytes: Of CT and mask in memory.
    """

    request: messages.ClassifyRequest
    asked: Asked
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
        self._answering = Answering(parts)
        self._dicom = DicomCall(parts, self._answering, limit_bytes)
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
            header = part_of(await anext(parts, None), "header").header
            with self._admitted(header.request) as admitted:
                require_announced(header)
                held_bytes = bytes_held(header.request, admitted.inflated_bytes, header.volume_bytes, header.mask_bytes)
                with self._parts.gate.admitted(held_bytes) as place:
                    upload = Upload(header, self._limit_bytes)
                    async for message in parts:
                        upload.add(part_of(message, "chunk").chunk)
                    answer = await self._answer(admitted, place, context, *upload.finished())
        return messages.ClassifyStreamResponse(classification=answer)

    async def ClassifyDicom(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyDicomRequest], context: Context
    ) -> messages.ClassifyDicomResponse:
        """Score a CT and its marks that come as DICOM instances; refusals come as early as in `ClassifyStream`."""
        async with within(self._parts.limits.request_s):
            return await self._dicom.answer(patient(requests, self._parts.limits.idle_s), context)

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
        request_id, options = self._answering.checked(request.request_id, request.options)
        inflated_bytes = require_fitting(request, self._limit_bytes, self._parts.limits.voxel_count)
        with self._answering.asking(request.model, request.model_version, request_id, options) as asked:
            yield Admitted(request, asked, inflated_bytes)

    async def _answer(
        self, admitted: Admitted, place: Place, context: Context, volume_bytes: Buffer, mask_bytes: Buffer
    ) -> findings.Classification:
        workers = self._parts.workers
        await turn(place, context)
        start = time.perf_counter()
        volume, mask = await workers.run(partial(_decoded, admitted.request, volume_bytes, mask_bytes))
        found = await self._answering.found(admitted.asked, volume, mask, context, start)
        message = await workers.run(lambda _: classification_message(found))
        tell_stages(start, found.timings)
        return message


def _decoded(
    request: messages.ClassifyRequest, volume_bytes: Buffer, mask_bytes: Buffer, _: Event
) -> tuple[Volume, NodeMask]:
    return volume_from(request.volume, volume_bytes), mask_from(request.mask, mask_bytes)
