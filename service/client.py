"""
The classifier, for scripts and notebooks.

    with NodeClassifier("localhost:50051") as classifier:
        classification = classifier.classify(volume, mask, model="cnn")
"""

import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from imaging.mask import NodeMask
from imaging.review import Verdict
from imaging.volume import Volume
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.connection import Connection
from service.dialogue import Call, Dialogue, Pause, Step, Steps, T, next_step
from service.dicom.answer import DicomAnswer
from service.findings import Classification, NodeFinding
from service.instances.asking import DicomQuestion
from service.instances.parcel import Source
from service.opinion import NodeInFiles, Opinion, Receipt
from service.options import ClassifyOptions
from service.security.credentials import PLAINTEXT, Access
from service.sending import Progress
from service.served import ServedModel

DEFAULT_OPTIONS = ClassifyOptions()
DEFAULT_QUESTION = DicomQuestion()
DEFAULT_CONNECTION = Connection()


class NodeClassifier:
    """
    A connection to a server; close it, or use it in a ``with`` statement.

    Every method raises `service.refusal.CallFailed`, or a leaf of it, where the call fails; its message is for people.
    A call that fails because the server is away is made again (`service.retry`).

    Args:
        address: HOST:PORT.
        timeout_s: What one classification or review is allowed, transfer and repetition included.
        connect_timeout_s: What the server is allowed to show that it is there.
        access: Certificates and token; by default there are none.
        connection: Retries, keepalive, health.
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
        self._channel = access.channel(address, connection.options())
        self._stub = NodeClassifierServiceStub(self._channel)  # type: ignore[no-untyped-call]

    def __enter__(self) -> "NodeClassifier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def models(self) -> tuple[ServedModel, ...]:
        """
        All models of the server, those that are not ready included.

        Raises:
            ServerUnreachable: no server answers.
        """
        return self._through(self._dialogue.models())

    def model(self, name: str = "", version: int = 0) -> ServedModel:
        """
        The model that would answer.

        Args:
            name: Its name; empty is the server's default.
            version: Its version; 0 is the newest that passed its release gates, or the newest that is ready.

        Raises:
            UnknownModel: the server has no such model, or it is not ready; the message lists what it has.
        """
        return self._through(self._dialogue.model(name, version))

    def classify(
        self,
        volume: Volume,
        mask: NodeMask,
        model: str = "",
        model_version: int = 0,
        options: ClassifyOptions = DEFAULT_OPTIONS,
        whole_volume: bool = False,
        progress: Progress | None = None,
    ) -> Classification:
        """
        Score the nodes that a mask marks in a CT.

        Args:
            volume: The CT.
            mask: The nodes, on any grid.
            model: Name of the model; empty is the server's default.
            model_version: Its version; 0 is the newest.
            options: Choices.
            whole_volume: Send the whole CT, not only what the crops need. The findings are the same.
            progress: Told, after each chunk, the bytes sent and those to send; begins anew where all is sent again.

        Returns:
            The findings; a heat map of the CT is on the grid of ``volume``, whatever was sent.

        Raises:
            UnknownModel: the server has no such model.
            MaskOutsideVolume: nothing that the mask marks lies in the CT.
        """
        return self._through(
            self._dialogue.classify(volume, mask, model, model_version, options, whole_volume, progress)
        )

    def classify_dicom(
        self,
        files: Path | Iterable[Source],
        model: str = "",
        model_version: int = 0,
        question: DicomQuestion = DEFAULT_QUESTION,
        progress: Progress | None = None,
    ) -> DicomAnswer:
        """
        Score the nodes that a SEG or RTSTRUCT marks in a CT, of a study that is sent as it is, with all it says.

        To send pixels and places only, read it here (`imaging.dicom.reader.read_study`) and `classify` it.

        Args:
            files: A folder, or DICOM files and bytes of such, in any order; what is not DICOM stays here.
            model: Name of the model; empty is the server's default.
            model_version: Its version; 0 is the newest.
            question: Choices, and which DICOM objects come back.
            progress: Told, after each chunk, the bytes sent and those to send; begins anew where all is sent again.

        Raises:
            UnknownModel: the server has no such model.
            NoCtImage: nothing of it is DICOM.
            Refused: the server cannot use the instances, and says why.
        """
        return self._through(self._dialogue.classify_dicom(files, model, model_version, question, progress))

    def review(
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
        """
        Store a reader's verdict on a node of an answer; when this returns, it is on the server's disk.

        Args:
            found: The answer.
            node: The node, out of it.
            verdict: What the reader holds the node to be.
            reader: Who looked.
            comment: In the reader's words; it must not identify a patient.
            confidence: From 1, a guess, to 5, certain.
            files: The node in the caller's files; its review then counts for training.
            review_id: Chosen by whoever wants to send the same review again after a failure; it is stored once. By
                default a random one.

        Raises:
            Refused: the server takes no reviews, a field is wrong, or the id is that of another review.
        """
        return self._through(self._dialogue.review(found, node, verdict, reader, comment, confidence, files, review_id))

    def submit(self, opinion: Opinion) -> Receipt:
        """Store a verdict that is complete already; see `review`."""
        return self._through(self._dialogue.submit(opinion))

    def _through(self, steps: Steps[T]) -> T:
        """The result of a conversation."""
        outcome: Any = None
        try:
            while True:
                step = next_step(steps, outcome)
                try:
                    outcome = self._taken(step)
                except grpc.RpcError as error:
                    outcome = error
        except StopIteration as end:
            result: T = end.value
            return result

    def _taken(self, step: Step) -> Any:
        """What comes of one step."""
        match step:
            case Call():
                method = getattr(self._stub, step.method)
                return method(step.request, timeout=step.timeout_s, wait_for_ready=step.wait)
            case Pause():
                return time.sleep(step.seconds)
            case _:
                return step.function()
