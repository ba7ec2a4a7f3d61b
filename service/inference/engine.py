"""Asks the networks: the slices of requests that come together share a run."""

import asyncio
from collections.abc import Sequence
from threading import Lock, Thread
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from service.inference.line import Line
from service.inference.options import InferenceOptions
from service.inference.ticket import Answered, Batch, Ticket
from service.metrics import Metrics
from service.model import Model


class Engine:
    """
    One thread that runs one batch after the other.

    A batch begins as soon as the device is free, with all that has queued meanwhile; a lone request waits for nothing.

    Args:
        options: How large batches are, and whether they wait.
        metrics: Where batches are counted.

    Attributes:
        device: Held by whoever computes, so that runs do not fight for the cores.
    """

    def __init__(self, options: InferenceOptions, metrics: Metrics) -> None:
        self._metrics = metrics
        self._line = Line(options.max_batch, options.max_delay_s)
        self._running: Batch | None = None
        self.device = Lock()
        self._thread = Thread(target=self._serve, name="inference", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """Slices that wait for the device."""
        return self._line.length

    async def ask(self, model: Model, crops: Sequence[NDArray[np.float32]]) -> Answered:
        """
        What a network says about some crops, and how long it took.

        Cancelling the task that waits takes the crops out of the line, and ends a run that is for them alone.

        Args:
            model: Which to ask.
            crops: Each (slices, rows, columns).

        Raises:
            ValueError: a crop is not of the model's input.
        """
        if not crops:
            return Answered([])
        _require_shape(model, crops)
        ticket = Ticket(model, crops)
        self._line.put(ticket)
        try:
            answered = await asyncio.wrap_future(ticket.answer)
        except asyncio.CancelledError:
            self._drop(ticket)
            raise
        self._metrics.stage.labels("queue").observe(answered.queue_s)
        return answered

    def retire(self, model: Model) -> None:
        """Forget a model; requests for it that still wait, fail."""
        for ticket in self._line.leave_all(model):
            ticket.fail(RuntimeError("the model is no longer served"))

    def close(self) -> None:
        """End the thread, and the run that is under way; requests that still wait, fail."""
        waiting, running = self._line.close(), self._running
        for ticket in [*waiting, *(part.ticket for part in (running.parts if running else ()))]:
            ticket.fail(RuntimeError("the engine has ended"))
        if running:
            running.stop.set()
        self._thread.join()

    def _drop(self, ticket: Ticket) -> None:
        ticket.dropped = True
        self._line.leave(ticket)
        running = self._running
        if running is not None and running.deserted:
            running.stop.set()
        self._metrics.nodes_cancelled.inc(ticket.unanswered)

    def _serve(self) -> None:
        while (batch := self._line.take()) is not None:
            self._run(batch)
            # Or the model would live until the next request.
            del batch

    def _run(self, batch: Batch) -> None:
        """Run a batch; where that fails, each of its requests alone, so that none pays for another."""
        self._running = batch
        try:
            # Looked at after it has become the running one: whoever leaves from now on, stops it.
            if not batch.deserted:
                with self.device:
                    answers = batch.run()
                self._metrics.batch.observe(batch.size)
                batch.answer(*answers)
        except Exception as error:  # ONNX Runtime has many, of no common base.
            self._blame(batch, error)
        finally:
            self._running = None

    def _blame(self, batch: Batch, error: Exception) -> None:
        if len(batch.parts) == 1:
            ticket = batch.parts[0].ticket
            ticket.fail(error)
            self._line.leave(ticket)
            return
        for part in batch.parts:
            self._run(Batch([part]))


def _require_shape(model: Model, crops: Sequence[NDArray[np.float32]]) -> None:
    """
    Refuse what could not be put into a batch.

    Raises:
        ValueError: a crop is not of the model's input, or has no slices.
    """
    expected = model.manifest.preprocessing.input_shape_px
    for crop in crops:
        if crop.ndim != 3 or crop.shape[1:] != expected or not len(crop):
            raise ValueError(f"a crop must have the shape (slices, {expected[0]}, {expected[1]}), got {crop.shape}")
