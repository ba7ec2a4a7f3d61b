"""Models in this process: what a server does with a CT, without the server."""

import asyncio
import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import NamedTuple

from imaging.mask import NodeMask
from imaging.volume import Volume
from service.batch.attempt import Answer
from service.classifier import Classifier
from service.findings import Classification, Timings
from service.inference.engine import Engine
from service.inference.options import InferenceOptions
from service.inference.workers import Workers
from service.metrics import Metrics
from service.model import Device
from service.models.options import ModelOptions
from service.options import ClassifyOptions
from service.repository import ModelRepository
from service.subbox import SubBox, heat_on_whole


class ModelChoice(NamedTuple):
    """
    Which model to load, and where to run it.

    Attributes:
        folder: Of ``<name>/<version>/model.onnx``.
        name: Of the model; empty is the first by name.
        version: Of the model; 0 is the newest that passed its gates, or else the newest.
        allow_research: Whether a model may be asked that did not pass its gates.
        device: What to compute on.
        thread_count: Threads of one run of the network.
    """

    folder: Path
    name: str = ""
    version: int = 0
    allow_research: bool = False
    device: Device = Device.AUTO
    thread_count: int = 1


class Embedded:
    """
    The server's repository, engine, workers and classifier on an event loop of their own.

    Requests of several threads share runs of the network, as calls do. The client's part is done as well: only what
    the nodes need is looked at, so that the findings are those of a server.

    Args:
        choice: The model.

    Attributes:
        ref: The model.
        manifest: What it says about itself.

    Raises:
        CannotStart: there is no such folder, or no model in it can be used.
        UnknownModel: not this one.
        ModelNotReleased: likewise, because of its gates.
    """

    def __init__(self, choice: ModelChoice) -> None:
        # Other models of the folder that cannot be used are nobody's business here; this one's problem is raised.
        logging.getLogger("service").addHandler(logging.NullHandler())
        metrics, inference = Metrics(), InferenceOptions()
        options = ModelOptions(allow_research=choice.allow_research)
        self._repository = ModelRepository.at(
            choice.folder, choice.device, choice.thread_count, None, options, metrics.models, inference
        )
        self._repository.begin()
        with self._repository.borrowed(choice.name, choice.version) as model:
            self.ref, self.manifest = model.ref, model.manifest
        self._threads = ExitStack()
        workers = self._threads.enter_context(Workers(inference.worker_count))
        self._classifier = Classifier(self._threads.enter_context(Engine(inference, metrics)), workers, metrics)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="embedded", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Embedded":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all threads; nobody may be asking any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._threads.close()

    def classify(self, volume: Volume, mask: NodeMask, options: ClassifyOptions) -> Answer:
        """
        Score the nodes of one CT.

        Raises:
            MaskOutsideVolume: there are nodes, and none of them touches the CT.
        """
        part = SubBox.around(volume, mask, self.manifest.preprocessing, options.separation)
        found = asyncio.run_coroutine_threadsafe(self._found(part, options), self._loop).result()
        if found.heat is None:
            return Answer(found)
        return Answer(replace(found, heat=heat_on_whole(found.heat, part.region, volume.geometry)))

    async def _found(self, part: SubBox, options: ClassifyOptions) -> Classification:
        start = time.perf_counter()
        with self._repository.borrowed(self.ref.name, self.ref.version) as model:
            found = await self._classifier.classify(part.volume, part.mask, model, options)
        total_s = time.perf_counter() - start
        timings = Timings(0.0, found.preprocess_s, found.queue_s, found.inference_s, total_s)
        return Classification("", model.ref, found.nodes, found.notices, timings, found.heat)
