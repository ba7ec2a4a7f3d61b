"""The call `ClassifyDicom`."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from threading import Event

from imaging.dicom.naming import names_of
from imaging.dicom.study import DicomStudy
from imaging.separation import find_nodes
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.admission.gate import Place
from service.answering import Answering, Asked, Context, turn
from service.dicom.kinds import ResultKind
from service.dicom.notices import notices_of
from service.dicom.objects import objects_of
from service.faults import ResponseTooLarge
from service.findings import Classification
from service.inference.workers import Abandoned
from service.instances.footprint import bytes_expected, bytes_taken
from service.instances.reading import headers_of, study_in
from service.instances.refusals import refused
from service.instances.upload import InstanceUpload
from service.options import ClassifyOptions, HeatmapOutput
from service.parts import Parts
from service.tracing import tell_stages
from service.upload import part_of
from service.wire_dicom import kinds_from, name_messages, object_messages
from service.wire_findings import classification_message

MESSAGE_BYTES = 2**31 - 1
"""Largest message that protobuf can write."""


class DicomCall:
    """
    Answers requests that bring DICOM instances.

    Args:
        parts: What calls share.
        answering: What turns CT and mask into an answer.
        limit_bytes: Largest request, as sent and in memory.
    """

    def __init__(self, parts: Parts, answering: Answering, limit_bytes: int) -> None:
        self._parts = parts
        self._answering = answering
        self._limit_bytes = limit_bytes

    async def answer(
        self, parts: AsyncIterator[messages.ClassifyDicomRequest], context: Context
    ) -> messages.ClassifyDicomResponse:
        """Score a study; what is wrong with the header, or no room, is told before its instances come."""
        header = part_of(await anext(parts, None), "header").header
        request_id, options = self._answering.checked(header.request_id, header.options)
        kinds = kinds_from(header.results)
        upload = InstanceUpload(header, self._limit_bytes)
        asking = self._answering.asking(header.model, header.model_version, request_id, _drawable(options, kinds))
        with asking as asked, self._parts.gate.admitted(bytes_expected(upload.byte_count)) as place:
            async for message in parts:
                upload.add(part_of(message, "chunk").chunk)
            await turn(place, context)
            start = time.perf_counter()
            study = await self._study(header, upload, asked, place)
            found = await self._answering.found(
                asked, study.volume, study.mask, context, start, "marking", notices_of(study)
            )
            response = await self._parts.workers.run(partial(_response, header, study, found, asked))
            tell_stages(start, found.timings)
            return response

    async def _study(
        self, header: messages.DicomHeader, upload: InstanceUpload, asked: Asked, place: Place
    ) -> DicomStudy:
        """The study that was sent, once there is room for it."""
        workers, max_voxels = self._parts.workers, self._parts.limits.voxel_count
        instances = await workers.run(partial(headers_of, upload.finished()))
        with refused():
            sent_bytes, has_results = upload.byte_count, bool(header.results)
            place.hold(bytes_taken(instances, sent_bytes, self._limit_bytes, asked.options, has_results))
        return await workers.run(partial(study_in, instances, tuple(header.names), header.marking, max_voxels))


def _drawable(options: ClassifyOptions, kinds: frozenset[ResultKind]) -> ClassifyOptions:
    """The choices with heat maps, where results are to show them."""
    left_out = options.heatmap_output is HeatmapOutput.NONE
    return replace(options, heatmap_output=HeatmapOutput.CROP) if kinds and left_out else options


def _response(
    header: messages.DicomHeader, study: DicomStudy, found: Classification, asked: Asked, ended: Event
) -> messages.ClassifyDicomResponse:
    """
    The answer as it is sent.

    Raises:
        InvalidRequest: the study has no UIDs to which results could refer.
        ResponseTooLarge: it would not arrive.
    """

    def pause() -> None:
        if ended.is_set():
            raise Abandoned

    with refused():
        names = names_of(find_nodes(study.mask, asked.options.separation), study)
        kinds = kinds_from(header.results)
        objects = objects_of(study, found, asked.model.manifest, asked.options, kinds, pause)
    if header.options.heatmap_output == messages.HEATMAP_OUTPUT_NONE:
        found = replace(found, nodes=tuple(replace(node, heatmap=None) for node in found.nodes))
    response = messages.ClassifyDicomResponse(
        classification=classification_message(found), objects=object_messages(objects), names=name_messages(names)
    )
    _require_size(response, header.max_response_bytes)
    return response


def _require_size(response: messages.ClassifyDicomResponse, limit_bytes: int) -> None:
    """
    Refuse an answer that would not arrive.

    Raises:
        ResponseTooLarge: it is larger than the caller says that it can take, or than any message.
    """
    taken, size = min(limit_bytes or MESSAGE_BYTES, MESSAGE_BYTES), response.ByteSize()
    if size > taken:
        raise ResponseTooLarge(
            f"the answer has {size} bytes, the caller takes {taken}; ask for fewer results, or raise the largest "
            "message that the caller receives and max_response_bytes with it"
        )
