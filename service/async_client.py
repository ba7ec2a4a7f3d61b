"""
The classifier, for programs that await.

    async with AsyncNodeClassifier("localhost:50051") as classifier:
        classification = await classifier.classify(volume, mask, model="cnn")
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from imaging.mask import NodeMask
from imaging.review import Verdict
from imaging.volume import Volume
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import DEFAULT_CONNECTION, DEFAULT_OPTIONS, DEFAULT_QUESTION
from service.connection import Connection
from service.dialogue import Call, Dialogue, Pause, Step, Steps, T, next_step
from service.dicom.answer import DicomAnswer
from service.findings import Classification, NodeFinding
from service.instances.asking import DicomQuestion
from service.instances.parcel import Source
from service.opinion import NodeInFiles, Receipt
from service.options import ClassifyOptions
from service.security.credentials import PLAINTEXT, Access
from service.sending import Progress
from service.served import ServedModel


class AsyncNodeClassifier:
    """
    `service.client.NodeClassifier`, with the same arguments, results and errors, to be awaited.

    Make it where an event loop runs. Calls may overlap; a call whose task is cancelled is cancelled on the server too.
    What takes its time on this side, such as to cut out and compress what is sent, is done in threads.
    """

    def __init__(
        self,
        address: str,
        timeout_s: float = 300.0,
        connect_timeout_s: float = 5.0,
        access: Access = PLAINTEXT,
        connection: Connection = DEFAULT_CONNECTION,
    ) -> None:
        self._dialogue = Dialogue(address, timeout_s, connect_timeout_s, connection.retry)
        self._channel = access.aio_channel(address, connection.options())
        self._stub = NodeClassifierServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> "AsyncNodeClassifier":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection, and the calls on it."""
        await self._channel.close()

    async def models(self) -> tuple[ServedModel, ...]:
        """All models of the server, those that are not ready included."""
        return await self._through(self._dialogue.models())

    async def model(self, name: str = "", version: int = 0) -> ServedModel:
        """The model that would answer."""
        return await self._through(self._dialogue.model(name, version))

    async def classify(
        self,
        volume: Volume,
        mask: NodeMask,
        model: str = "",
        model_version: int = 0,
        options: ClassifyOptions = DEFAULT_OPTIONS,
        whole_volume: bool = False,
        progress: Progress | None = None,
    ) -> Classification:
        """Score the nodes that a mask marks in a CT; ``progress`` is told in the event loop, and must not block."""
        return await self._through(
            self._dialogue.classify(volume, mask, model, model_version, options, whole_volume, progress)
        )

    async def classify_dicom(
        self,
        files: Path | Iterable[Source],
        model: str = "",
        model_version: int = 0,
        question: DicomQuestion = DEFAULT_QUESTION,
        progress: Progress | None = None,
    ) -> DicomAnswer:
        """Score the nodes that are marked in a study, which is sent as it is."""
        return await self._through(self._dialogue.classify_dicom(files, model, model_version, question, progress))

    async def review(
        self,
        found: Classification,
        node: NodeFinding,
        verdict: Verdict,
        reader: str,
        comment: str = "",
        confidence: int | None = None,
        files: NodeInFiles | None = None,
        review_id: str = "",
    ) -> Receipt:
        """Store a reader's verdict on a node of an answer; when this returns, it is on the server's disk."""
        return await self._through(
            self._dialogue.review(found, node, verdict, reader, comment, confidence, files, review_id)
        )

    async def _through(self, steps: Steps[T]) -> T:
        """The result of a conversation."""
        outcome: Any = None
        try:
            while True:
                step = next_step(steps, outcome)
                try:
                    outcome = await self._taken(step)
                except grpc.RpcError as error:
                    outcome = error
        except StopIteration as end:
            result: T = end.value
            return result

    async def _taken(self, step: Step) -> Any:
        """What comes of one step."""
        match step:
            case Call():
                method = getattr(self._stub, step.method)
                return await method(step.request, timeout=step.timeout_s, wait_for_ready=step.wait)
            case Pause():
                return await asyncio.sleep(step.seconds)
            case _:
                return await asyncio.to_thread(step.function)
