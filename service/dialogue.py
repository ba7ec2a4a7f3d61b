"""
What a client does, step by step, without doing it.

A conversation is a generator: it yields a step, is sent what came of it (or thrown the `grpc.RpcError`), and returns
the result. `service.client` takes the steps by blocking, `service.async_client` by awaiting.
"""

import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from imaging.mask import NodeMask
from imaging.review import Verdict
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dicom.answer import DicomAnswer
from service.findings import Classification, ModelRef, NodeFinding
from service.instances.asking import DicomQuestion
from service.instances.parcel import InstanceParcel, Source
from service.opinion import NodeInFiles, Opinion, Receipt, ReviewedFinding
from service.options import ClassifyOptions
from service.refusal import ServerUnreachable, TooSlow, failure_of
from service.retry import Deadline, RetryPolicy
from service.sending import Parcel, Progress
from service.served import ServedModel, chosen
from service.subbox import SubBox, heat_on_whole
from service.wire import mask_message, options_message, volume_message
from service.wire_dicom import dicom_answer_from
from service.wire_findings import classification_from
from service.wire_reviews import opinion_message, receipt_from

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """
    Ask the server.

    Attributes:
        method: Name of the call.
        request: Its message, or its messages.
        timeout_s: What it is allowed.
        wait: Whether to wait for a server that does not answer at present.
    """

    method: str
    request: Any
    timeout_s: float
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Let so many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Compute something that takes its time."""

    function: Callable[[], Any]


Step = Call | Pause | Work
Steps = Generator[Step, Any, T]


def next_step(steps: Steps[T], outcome: Any) -> Step:
    """
    Go on with what came of the last step; None starts.

    Raises:
        StopIteration: there is no other step; its value is the result.
    """
    return steps.throw(outcome) if isinstance(outcome, grpc.RpcError) else steps.send(outcome)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """
    The conversations with one server.

    Attributes:
        address: HOST:PORT, to be named.
        timeout_s: What one classification or review is allowed, transfer and repetition included.
        connect_timeout_s: What the server is allowed to show that it is there.
        retry: When a call that failed is made again.
    """

    address: str
    timeout_s: float
    connect_timeout_s: float
    retry: RetryPolicy

    def models(self, absence_s: float = 0.0) -> Steps[tuple[ServedModel, ...]]:
        """All models; a server that was there may be away for ``absence_s`` seconds."""
        allowed_s = absence_s or self.connect_timeout_s
        try:
            answer = yield Call("ListModels", messages.ListModelsRequest(), allowed_s, wait=absence_s > 0)
        except grpc.RpcError as error:
            failure = failure_of(error, self.address, allowed_s)
            if isinstance(failure, TooSlow):
                raise ServerUnreachable(
                    f"no server answers at {self.address} within {allowed_s:.3g} s; "
                    "check the address, and that nodelens-serve runs there"
                ) from error
            raise failure from error
        return tuple(map(ServedModel.from_message, answer.models))

    def model(self, name: str, version: int) -> Steps[ServedModel]:
        """The model that would answer."""
        return chosen((yield from self.models()), name, version, self.address)

    def classify(
        self,
        volume: Volume,
        mask: NodeMask,
        model: str,
        model_version: int,
        options: ClassifyOptions,
        whole_volume: bool,
        progress: Progress | None,
    ) -> Steps[Classification]:
        """Score the nodes that a mask marks in a CT."""
        served = yield from self.model(model, model_version)

        def pack() -> tuple[SubBox, Parcel]:
            spec = served.manifest.preprocessing
            part = SubBox.whole(volume, mask)
            if not whole_volume:
                part = SubBox.around(volume, mask, spec, options.separation)
            return part, Parcel.of(_request(part, served.ref, options))

        part, parcel = yield Work(pack)
        answer = yield from self._streamed("ClassifyStream", lambda: parcel.stream(progress))
        found: Classification = yield Work(lambda: classification_from(answer.classification))
        if found.heat is None or whole_volume:
            return found
        return replace(found, heat=heat_on_whole(found.heat, part.region, volume.geometry))

    def classify_dicom(
        self,
        files: Path | Iterable[Source],
        model: str,
        model_version: int,
        question: DicomQuestion,
        progress: Progress | None,
    ) -> Steps[DicomAnswer]:
        """Score the nodes that are marked in a study."""
        served = yield from self.model(model, model_version)
        parcel = yield Work(lambda: InstanceParcel.of(question.header(served.ref), files))
        answer = yield from self._streamed("ClassifyDicom", lambda: parcel.stream(progress))
        found: DicomAnswer = yield Work(lambda: dicom_answer_from(answer))
        return found

    def review(
        self,
        found: Classification,
        node: NodeFinding,
        verdict: Verdict,
        reader: str,
        comment: str,
        confidence: int | None,
        files: NodeInFiles | None,
        review_id: str,
    ) -> Steps[Receipt]:
        """Store a reader's verdict on a node of an answer."""
        finding = ReviewedFinding.of(found, node, files)
        return self.submit(Opinion(review_id or str(uuid.uuid4()), reader, verdict, finding, comment, confidence))

    def submit(self, opinion: Opinion) -> Steps[Receipt]:
        """Store a verdict."""
        try:
            answer = yield Call("SubmitReview", opinion_message(opinion), self.timeout_s)
        except grpc.RpcError as error:
            raise failure_of(error, self.address, self.timeout_s) from error
        return receipt_from(answer)

    def _streamed(self, method: str, stream: Callable[[], Iterator[Message]]) -> Steps[Any]:
        """The answer to a stream, which is sent again from its start where the server went away over it."""
        deadline, waits = Deadline(self.timeout_s), self.retry.waits_s()
        while True:
            try:
                return (yield Call(method, stream(), deadline.left_s))
            except grpc.RpcError as error:
                wait_s = next(waits, None)
                if error.code() is not grpc.StatusCode.UNAVAILABLE or wait_s is None or wait_s >= deadline.left_s:
                    raise failure_of(error, self.address, self.timeout_s) from error
            yield Pause(wait_s)
            yield from self.models(max(min(self.retry.absence_s, deadline.left_s), 1e-3))


def _request(part: SubBox, model: ModelRef, options: ClassifyOptions) -> messages.ClassifyRequest:
    return messages.ClassifyRequest(
        request_id=str(uuid.uuid4()),
        model=model.name,
        model_version=model.version,
        volume=volume_message(part.volume),
        mask=mask_message(part.mask),
        options=options_message(options),
    )
