"""
The classifier, for scripts and notebooks.

    with NodeClassifier("localhost:50051") as classifier:
        classification = classifier.classify(volume, mask, model="cnn")
"""

import uuid
from dataclasses import dataclass, replace
from types import TracebackType

import grpc

from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.review import Verdict
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.faults import UnknownModel
from service.findings import Classification, ModelRef, NodeFinding
from service.opinion import NodeInFiles, Opinion, Receipt, ReviewedFinding
from service.options import ClassifyOptions
from service.refusal import ServerUnreachable, TooSlow, failure_of
from service.security.credentials import PLAINTEXT, Access
from service.sending import Progress, stream_of
from service.subbox import SubBox, heat_on_whole
from service.wire import mask_message, options_message, volume_message
from service.wire_findings import classification_from, model_from
from service.wire_reviews import opinion_message, receipt_from

CHANNEL_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
"""No limit of size: heat maps on the grid of a CT are large, and the server has its own limit for requests."""

DEFAULT_OPTIONS = ClassifyOptions()


@dataclass(frozen=True, slots=True)
class ServedModel:
    """
    A model of a server.

    Attributes:
        ref: Which one.
        ready: Whether it can be asked.
        is_default: Whether it answers where no model is named.
        manifest_json: What its file says about itself.
        problem: Why its file is not served; of one that is ready all the same, that of the file that was to replace it.
    """

    ref: ModelRef
    ready: bool
    is_default: bool
    manifest_json: str
    problem: str

    @property
    def manifest(self) -> Manifest:
        """
        What its file says about itself.

        Raises:
            InvalidManifest: it is no manifest that this release understands.
            InvalidSpec: its preprocessing is of another version than this release's.
        """
        return Manifest.from_json(self.manifest_json)

    def __str__(self) -> str:
        """Its name and version, and why it cannot be asked."""
        return f"{self.ref.name} {self.ref.version}" + ("" if self.ready else f" (not ready: {self.problem})")


class NodeClassifier:
    """
    A connection to a server; close it, or use it in a ``with`` statement.

    Every method raises `service.refusal.CallFailed`, or a leaf of it, where the call fails; its message is for people.

    Args:
        address: HOST:PORT.
        timeout_s: What one classification or review is allowed, transfer included.
        connect_timeout_s: What the server is allowed to show that it is there.
        access: Certificates and token; by default there are none.
    """

    def __init__(
        self, address: str, timeout_s: float = 300.0, connect_timeout_s: float = 5.0, access: Access = PLAINTEXT
    ) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self.connect_timeout_s = connect_timeout_s
        self._channel = access.channel(address, CHANNEL_OPTIONS)
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
        try:
            answer = self._stub.ListModels(messages.ListModelsRequest(), timeout=self.connect_timeout_s)
        except grpc.RpcError as error:
            failure = failure_of(error, self.address, self.connect_timeout_s)
            if isinstance(failure, TooSlow):
                raise ServerUnreachable(
                    f"no server answers at {self.address} within {self.connect_timeout_s:g} s; "
                    "check the address, and that nodelens-serve runs there"
                ) from error
            raise failure from error
        return tuple(
            ServedModel(model_from(model.ref), model.ready, model.is_default, model.manifest_json, model.problem)
            for model in answer.models
        )

    def model(self, name: str = "", version: int = 0) -> ServedModel:
        """
        The model that would answer.

        Args:
            name: Its name; empty is the server's default.
            version: Its version; 0 is the newest that passed its release gates, or the newest that is ready.

        Raises:
            UnknownModel: the server has no such model, or it is not ready; the message lists what it has.
        """
        models = self.models()
        wanted = name or next((model.ref.name for model in models if model.is_default), "")
        fitting = [m for m in models if m.ready and m.ref.name == wanted and version in (0, m.ref.version)]
        if not fitting:
            asked = f"no model {wanted}" if wanted else "no default model"
            asked += f" {version}" if version else ""
            raise UnknownModel(
                f"the server at {self.address} has {asked}; it has {', '.join(map(str, models)) or 'none at all'}"
            )
        return max(fitting, key=lambda model: (model.manifest.released, model.ref.version))

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
            progress: Told, after each chunk, the bytes sent and those to send.

        Returns:
            The findings; a heat map of the CT is on the grid of ``volume``, whatever was sent.

        Raises:
            UnknownModel: the server has no such model.
            MaskOutsideVolume: nothing that the mask marks lies in the CT.
        """
        served = self.model(model, model_version)
        part = (
            SubBox.whole(volume, mask)
            if whole_volume
            else SubBox.around(volume, mask, served.manifest.preprocessing, options.separation)
        )
        found = self._ask(part, served.ref, options, progress)
        if found.heat is None or whole_volume:
            return found
        return replace(found, heat=heat_on_whole(found.heat, part.region, volume.geometry))

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
        finding = ReviewedFinding.of(found, node, files)
        opinion = Opinion(review_id or str(uuid.uuid4()), reader, verdict, finding, comment, confidence)
        try:
            answer = self._stub.SubmitReview(opinion_message(opinion), timeout=self.timeout_s)
        except grpc.RpcError as error:
            raise failure_of(error, self.address, self.timeout_s) from error
        return receipt_from(answer)

    def _ask(
        self, part: SubBox, model: ModelRef, options: ClassifyOptions, progress: Progress | None
    ) -> Classification:
        request = messages.ClassifyRequest(
            request_id=str(uuid.uuid4()),
            model=model.name,
            model_version=model.version,
            volume=volume_message(part.volume),
            mask=mask_message(part.mask),
            options=options_message(options),
        )
        try:
            answer = self._stub.ClassifyStream(stream_of(request, progress), timeout=self.timeout_s)
        except grpc.RpcError as error:
            raise failure_of(error, self.address, self.timeout_s) from error
        return classification_from(answer.classification)
