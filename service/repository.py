"""The models of a server."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from service.faults import CannotStart, UnknownModel, UnusableModel
from service.findings import ModelRef
from service.inference.session import DEFAULT_CUDA, CudaOptions
from service.model import Device, Model, load_model

FILE_NAME = "model.onnx"

VERSION = re.compile(r"[1-9][0-9]{0,8}")
"""Names of version folders; others are no versions, as for Triton."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A model that is in the folder and cannot be served, and why."""

    ref: ModelRef
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class ModelRepository:
    """
    The models found in a folder ``<name>/<version>/model.onnx``.

    Attributes:
        models: Those that are served, by name and version.
        rejected: Those that are not.
        default_name: The name that answers where a request names none.
    """

    models: tuple[Model, ...]
    rejected: tuple[Rejected, ...]
    default_name: str

    @classmethod
    def load(
        cls,
        folder: Path,
        device: Device,
        thread_count: int,
        default_name: str | None,
        cuda: CudaOptions = DEFAULT_CUDA,
    ) -> "ModelRepository":
        """
        Load all models of a folder.

        Raises:
            CannotStart: there is no model that can be served, or none with the default's name.
        """
        models: list[Model] = []
        rejected: list[Rejected] = []
        for path, ref in _found(folder):
            try:
                models.append(_loaded(path, ref, device, thread_count, cuda))
            except UnusableModel as fault:
                rejected.append(Rejected(ref, str(fault)))
                log.error("model not served", extra={"model": ref.name, "version": ref.version, "problem": str(fault)})
        names = [model.ref.name for model in models]
        if not names:
            problems = "; ".join(f"{each.ref.name} {each.ref.version}: {each.problem}" for each in rejected)
            raise CannotStart(
                f"no model in {folder} can be served: {problems or 'there is no <name>/<version>/model.onnx'}"
            )
        if default_name is not None and default_name not in names:
            raise CannotStart(f"--default-model {default_name}: served are {', '.join(sorted(set(names)))}")
        return cls(tuple(models), tuple(rejected), default_name or names[0])

    def find(self, name: str, version: int) -> Model:
        """
        The model of a name, or the default's where it is empty; of a version, or the newest where it is 0.

        Raises:
            UnknownModel: it is not served.
        """
        named = [model for model in self.models if model.ref.name == (name or self.default_name)]
        fitting = [model for model in named if version in (0, model.ref.version)]
        if not fitting:
            served = ", ".join(f"{model.ref.name} {model.ref.version}" for model in self.models)
            asked = f"{name or self.default_name!r}" + (f" version {version}" if version else "")
            raise UnknownModel(f"no model {asked} is served here; served are: {served}")
        return fitting[-1]


def _found(folder: Path) -> list[tuple[Path, ModelRef]]:
    """The model files in a folder, by name and version."""
    if not folder.is_dir():
        raise CannotStart(f"--models {folder}: no such folder; make models with nodelens-train export")
    paths = [path for path in folder.glob(f"*/*/{FILE_NAME}") if VERSION.fullmatch(path.parent.name)]
    found = [(path, ModelRef(path.parent.parent.name, int(path.parent.name), "")) for path in paths]
    return sorted(found, key=lambda each: (each[1].name, each[1].version))


def _loaded(path: Path, ref: ModelRef, device: Device, thread_count: int, cuda: CudaOptions) -> Model:
    model = load_model(path, device, thread_count, cuda)
    if (model.ref.name, model.ref.version) != (ref.name, ref.version):
        raise UnusableModel(f"its manifest says {model.ref.name} {model.ref.version}, its folder something else")
    return model
