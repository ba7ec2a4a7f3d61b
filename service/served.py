"""The models that a server has, as its callers see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.manifest import Manifest
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import UnknownModel
from service.findings import ModelRef
from service.wire_findings import model_from


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

    @classmethod
    def from_message(cls, message: messages.Model) -> "ServedModel":
        """A model as it was listed."""
        return cls(model_from(message.ref), message.ready, message.is_default, message.manifest_json, message.problem)

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


def chosen(models: Sequence[ServedModel], name: str, version: int, address: str) -> ServedModel:
    """
    The model that would answer.

    Args:
        models: All that the server has.
        name: Of the model; empty is the server's default.
        version: Of the model; 0 is the newest that passed its release gates, or the newest that is ready.
        address: Of the server, to be named.

    Raises:
        UnknownModel: there is no such model, or it is not ready; the message lists those that there are.
    """
    wanted = name or next((model.ref.name for model in models if model.is_default), "")
    fitting = [m for m in models if m.ready and m.ref.name == wanted and version in (0, m.ref.version)]
    if not fitting:
        asked = f"no model {wanted}" if wanted else "no default model"
        asked += f" {version}" if version else ""
        raise UnknownModel(
            f"the server at {address} has {asked}; it has {', '.join(map(str, models)) or 'none at all'}"
        )
    return max(fitting, key=lambda model: (model.manifest.released, model.ref.version))
