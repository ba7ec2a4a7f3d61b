"""What calls that score have in common, once their CT and mask are here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc.aio

from imaging.errors import ImagingError, MaskOutsideVolume, TooManyNodes
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.admission.deadline import require_time
from service.admission.gate import Place
from service.classifier import Classified, Classifier
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.findings import Classification, Notice, Timings
from service.logs import REQUEST_ID
from service.model import Model
from service.options import ClassifyOptions
from service.parts import Parts
from service.wire import options_from, require_request_id

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """
    What a request wants to know.

    Attributes:
        request_id: The caller's, or one made up.
        model: The one to ask.
        options: Choices of the caller.
    """

    request_id: str
    model: Model
    options: ClassifyOptions


class Answering:
    """
    Turns a CT and a mask into an answer.

    Args:
        parts: What calls share.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._classifier = Classifier(parts.engine, parts.workers, parts.metrics, parts.limits.node_count)

    def checked(self, request_id: str, options: messages.ClassifyOptions) -> tuple[str, ClassifyOptions]:
        """
        The id and the choices of a request, which from now on is known by its id.

        Raises:
            NotServing: the server is about to end, or has just begun.
            InvalidRequest: a field is wrong.
        """
        self._parts.gate.require_open()
        require_request_id(request_id)
        known_id = request_id or REQUEST_ID.get()
        REQUEST_ID.set(known_id)
        return known_id, options_from(options)

    @contextmanager
    def asking(self, name: str, version: int, request_id: str, options: ClassifyOptions) -> Iterator[Asked]:
        """
        Borrow the model.

        Raises:
            UnknownModel: the model is not served.
            ModelNotReleased: likewise, because of its gates.
        """
        with self._parts.repository.borrowed(name, version, request_id) as model:
            yield Asked(request_id, model, options)

    async def found(
        self,
        asked: Asked,
        volume: Volume,
        mask: NodeMask,
        context: Context,
        start_s: float,
        field: str = "mask",
        notices: tuple[Notice, ...] = (),
    ) -> Classification:
        """
        What is in a CT that has just been decoded; it is counted, and offered to the shadow.

        Args:
            asked: What to find.
            volume: The CT.
            mask: The nodes.
            context: Of the call.
            start_s: When decoding began, of `time.perf_counter`.
            field: What the caller calls the mask.
            notices: What else the reader must know about the whole.

        Raises:
            InvalidRequest: the mask and the CT do not belong together.
            RequestTooLarge: the mask marks too many nodes.
        """
        decode_s = time.perf_counter() - start_s
        classified = await self._classified(volume, mask, asked, field)
        total_s = time.perf_counter() - start_s
        timings = Timings(decode_s, classified.preprocess_s, classified.queue_s, classified.inference_s, total_s)
        every = (*classified.notices, *notices)
        found = Classification(asked.request_id, asked.model.ref, classified.nodes, every, timings, classified.heat)
        self._parts.metrics.observe(volume, found)
        offer = partial(self._parts.shadow.offer, found, classified.crops, asked.model.manifest)
        context.add_done_callback(lambda _: offer())  # type: ignore[arg-type]
        return found

    async def _classified(self, volume: Volume, mask: NodeMask, asked: Asked, field: str) -> Classified:
        try:
            return await self._classifier.classify(volume, mask, asked.model, asked.options)
        except TooManyNodes as error:
            raise RequestTooLarge(str(error)) from error
        except MaskOutsideVolume as error:
            raise InvalidRequest(field, str(error), Reason.MASK_OUTSIDE_VOLUME) from error
        except ImagingError as error:
            raise InvalidRequest(field, str(error), Reason.INVALID_MASK) from error


async def turn(place: Place, context: Context) -> None:
    """
    Wait until a request may be worked on.

    Raises:
        TimeSpent: nobody waits for it any more.
    """
    require_time(context)
    await place.turn()
    require_time(context)
