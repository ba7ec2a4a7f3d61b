"""The models of a server."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry

from service.faults import CannotStart, ModelNotReleased, UnknownModel
from service.inference.options import InferenceOptions
from service.model import Device, Model, load_model
from service.models.files import ModelFile, files_in
from service.models.metrics import ModelMetrics
from service.models.options import ModelOptions
from service.models.slot import Lease, Loader, Slot, looked_at

Key = tuple[str, int]

DEFAULT_OPTIONS = ModelOptions()
DEFAULT_INFERENCE = InferenceOptions()

log = logging.getLogger(__name__)


class ModelRepository:
    """
    The models in a folder ``<name>/<version>/model.onnx``, lent to calls.

    A model that is replaced or removed goes on to answer those that have borrowed it, and is released by the last of
    them. All methods can be called from any thread, `look` by one at a time.

    Args:
        folder: Where the files are.
        load: Loads a file and replays its golden cases.
        default_name: The name that answers where a request names none; None is the first by name that is served.
        options: How models are taken up and tried.
        metrics: Where it is told what is served.

    Attributes:
        on_release: Called with each model that nobody will ask again.
    """

    def __init__(
        self, folder: Path, load: Loader, default_name: str | None, options: ModelOptions, metrics: ModelMetrics
    ) -> None:
        self.on_release: list[Callable[[Model], object]] = []
        self._folder = folder
        self._load = load
        self._default_name = default_name
        self._options = options
        self._metrics = metrics
        self._slots: dict[Key, Slot] = {}
        self._lock = Lock()

    @classmethod
    def at(
        cls,
        folder: Path,
        device: Device,
        thread_count: int,
        default_name: str | None,
        options: ModelOptions = DEFAULT_OPTIONS,
        metrics: ModelMetrics | None = None,
        inference: InferenceOptions = DEFAULT_INFERENCE,
    ) -> "ModelRepository":
        """
        A repository of a folder's models, none of which has been loaded yet.

        Raises:
            CannotStart: there is no such folder.
        """
        files_in(folder)
        load = partial(_warmed, device=device, thread_count=thread_count, inference=inference)
        return cls(folder, load, default_name, options, metrics or ModelMetrics(CollectorRegistry()))

    def begin(self) -> tuple[Model, ...]:
        """
        Load all models of the folder; those that are served.

        Raises:
            CannotStart: no file is a sound model, or none has the default's name.
        """
        self.look()
        sound = sorted({slot.file.name for slot in self.slots if slot.manifest})
        if not sound:
            problems = "; ".join(f"{s.file.name} {s.file.version}: {s.problem}" for s in self.slots)
            raise CannotStart(
                f"no model in {self._folder} can be served: {problems or 'there is no <name>/<version>/model.onnx'}"
            )
        if self._default_name is not None and self._default_name not in sound:
            raise CannotStart(f"--default-model {self._default_name}: served are {', '.join(sound)}")
        served = {(model.ref.name, model.ref.version) for model in self.models}
        for canary in self._options.canaries:
            if (canary.name, canary.version) not in served:
                log.warning("the canary is not there yet", extra={"model": canary.name, "version": canary.version})
        return self.models

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All that was found, by name and version, that which is not served included."""
        return tuple(slot for _, slot in sorted(self._slots.items()))

    @property
    def models(self) -> tuple[Model, ...]:
        """Those that are served, by name and version."""
        return tuple(slot.lease.model for slot in self.slots if slot.lease)

    @property
    def default_name(self) -> str:
        """The name that answers where a request names none; empty where nothing is served."""
        names = [slot.file.name for slot in self.slots if slot.lease] + [s.file.name for s in self.slots if s.refused]
        return self._default_name or next(iter(names), "")

    @contextmanager
    def borrowed(self, name: str, version: int, request_id: str = "") -> Iterator[Model]:
        """
        A model for the time of a call, which stays whole until it is given back.

        Args:
            name: Its name; empty is the default's.
            version: Its version; 0 is the newest that passed its gates, or the newest where none did.
            request_id: Draws the canary's share of the requests without a version; empty never meets a canary.

        Raises:
            UnknownModel: it is not served.
            ModelNotReleased: it is not served because of its gates.
        """
        with self._lock:
            lease = self._lease(name, version, request_id)
            lease.borrowers += 1
        try:
            yield lease.model
        finally:
            with self._lock:
                lease.borrowers -= 1
                last = lease.ended and not lease.borrowers
            if last:
                self._release(lease.model)

    def newest(self, name: str) -> Slot | None:
        """The one that answers requests for a name without a version, the canary's share apart; None where none can."""
        canary = self._canary(name)
        served = [slot for slot in self.slots if slot.lease and slot.file.name == name]
        return max([s for s in served if s is not canary] or served, key=lambda slot: slot.rank, default=None)

    def look(self) -> bool:
        """
        Take up what has changed in the folder; whether anything has.

        Raises:
            CannotStart: the folder is not there, or the device that was asked for cannot be had; all goes on as before.
        """
        files = {(file.name, file.version): file for file in files_in(self._folder)}
        changes = [self._put(key, self._looked_at(key, file)) for key, file in files.items()]
        changes += [self._put(key, None) for key in self._slots.keys() - files.keys()]
        self._metrics.tell(self.models, [s.file.name for s in self.slots if s.problem and not s.refused])
        return any(changes)

    def _looked_at(self, key: Key, file: ModelFile) -> Slot:
        before = self._slots.get(key, Slot(file))
        slot = looked_at(before, self._load, self._options.allow_research)
        told = {"model": file.name, "version": file.version, "digest": slot.digest}
        if slot.lease and slot.lease is not before.lease:
            log.info("model served", extra=told | {"provider": slot.lease.model.provider})
        if slot.problem and (slot.problem, slot.digest) != (before.problem, before.digest):
            log.error("model not served", extra=told | {"problem": slot.problem, "the_one_before_is": bool(slot.lease)})
            if slot.digest and not slot.refused:
                self._metrics.failures.labels(file.name).inc()
        return slot

    def _put(self, key: Key, slot: Slot | None) -> bool:
        """Let a slot stand in the place of the one before, whose model ends unless it is the same."""
        with self._lock:
            before = self._slots.get(key)
            slots = {**self._slots, key: slot}
            self._slots = {key: slot for key, slot in slots.items() if slot}
            ending = before.lease if before and before.lease is not (slot and slot.lease) else None
            idle = ending is not None and not ending.borrowers
            if ending:
                ending.ended = True
        if slot is None:
            log.warning("model removed", extra={"model": key[0], "version": key[1]})
        if ending and idle:
            self._release(ending.model)
        return slot is not before

    def _release(self, model: Model) -> None:
        log.info("model released", extra={"model": model.ref.name, "version": model.ref.version})
        for told in self.on_release:
            told(model)

    def _canary(self, name: str) -> Slot | None:
        keys = [(canary.name, canary.version) for canary in self._options.canaries if canary.name == name]
        return self._slots.get(keys[0]) if keys else None

    def _lease(self, name: str, version: int, request_id: str) -> Lease:
        wanted = name or self.default_name
        slot = self._slots.get((wanted, version)) if version else self._drawn(wanted, request_id)
        if slot and slot.lease:
            return slot.lease
        if any(s.refused for s in self.slots if s.file.name == wanted and version in (0, s.file.version)):
            raise ModelNotReleased(
                "the model asked for did not pass its release gates; the operator can serve it with --allow-research"
            )
        served = ", ".join(f"{model.ref.name} {model.ref.version}" for model in self.models)
        # The name is not repeated: it is text of the caller's, and errors end up in logs.
        raise UnknownModel(f"the model or version asked for is not served here; served are: {served or 'none'}")

    def _drawn(self, name: str, request_id: str) -> Slot | None:
        canary = self._canary(name)
        drawn = request_id and any(c.takes(request_id) for c in self._options.canaries if c.name == name)
        return canary if canary and canary.lease and drawn else self.newest(name)


def _warmed(path: Path, device: Device, thread_count: int, inference: InferenceOptions) -> Model:
    """A model that has run all sizes of batch, so that no request pays for the first run."""
    model = load_model(path, device, thread_count, inference.cuda)
    model.warm(inference.max_batch)
    return model
