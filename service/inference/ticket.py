"""One request on its way through batches."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.inference.session import Stop
from service.model import Model, SliceAnswers


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """
    What the network says about the crops of one request.

    Attributes:
        crops: One for each crop.
        queue_s: Seconds until the first batch with slices of it began.
        inference_s: Seconds from then until the last one had ended.
    """

    crops: list[SliceAnswers]
    queue_s: float = 0.0
    inference_s: float = 0.0


class Ticket:
    """
    The crops of one request, slice by slice in their order.

    Args:
        model: Which to ask.
        crops: At least one, each (slices, rows, columns) of the model's input.
    """

    def __init__(self, model: Model, crops: Sequence[NDArray[np.float32]]) -> None:
        self.model = model
        self.answer: Future[Answered] = Future()
        self.dropped = False
        self.since = time.perf_counter()
        self._begun = 0.0
        self._slices = [plane[None] for crop in crops for plane in crop]
        self._ends = np.cumsum([len(crop) for crop in crops])
        self._taken = 0
        self._answered: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    @property
    def waiting(self) -> int:
        """Slices that no batch has taken."""
        return len(self._slices) - self._taken

    @property
    def unanswered(self) -> int:
        """Crops of which the network has not seen all."""
        done = sum(len(logits) for logits, _ in self._answered)
        return int(np.count_nonzero(self._ends > done))

    def take(self, room: int) -> list[NDArray[np.float32]]:
        """The next slices, at most ``room``."""
        self._begun = self._begun or time.perf_counter()
        part = self._slices[self._taken : self._taken + room]
        self._taken += len(part)
        return part

    def add(self, logits: NDArray[np.float32], heatmaps: NDArray[np.float32]) -> None:
        """Add what the network says about the slices taken next before; the last of them answers the request."""
        self._answered.append((logits, heatmaps))
        if self.waiting or sum(len(part) for part, _ in self._answered) < len(self._slices):
            return
        parts = [np.concatenate(parts) for parts in zip(*self._answered, strict=True)]
        all_logits, all_heatmaps = (np.split(part, self._ends[:-1]) for part in parts)
        crops = [SliceAnswers(a[:, 0].astype(np.float64), b) for a, b in zip(all_logits, all_heatmaps, strict=True)]
        answered = Answered(crops, self._begun - self.since, time.perf_counter() - self._begun)
        with suppress(InvalidStateError):  # Nobody waits any more.
            self.answer.set_result(answered)

    def fail(self, error: Exception) -> None:
        """Answer the request with an error, and take no more part."""
        self.dropped = True
        with suppress(InvalidStateError):
            self.answer.set_exception(error)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Slices of one ticket in a batch, each (1, rows, columns)."""

    ticket: Ticket
    slices: list[NDArray[np.float32]]


class Batch:
    """
    What one run of a network is given.

    Args:
        parts: Of tickets for one model.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.stop = Stop()

    @property
    def size(self) -> int:
        """Slices."""
        return sum(len(part.slices) for part in self.parts)

    @property
    def deserted(self) -> bool:
        """Whether nobody waits for any of it."""
        return all(part.ticket.dropped for part in self.parts)

    def run(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits and heat maps of all slices."""
        return self.parts[0].ticket.model.session.run([each for part in self.parts for each in part.slices], self.stop)

    def answer(self, logits: NDArray[np.float32], heatmaps: NDArray[np.float32]) -> None:
        """Give each ticket its part."""
        ends = np.cumsum([len(part.slices) for part in self.parts])[:-1]
        for part, *answer in zip(self.parts, np.split(logits, ends), np.split(heatmaps, ends), strict=True):
            part.ticket.add(*answer)
