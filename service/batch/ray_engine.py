"""
Cases spread over the cores of this machine, or over the machines of a Ray cluster.

Each actor holds a loaded model and scores one case after the other: it reads the files and writes heat maps itself, so
that all machines need one file system. No case is given out before an actor is free. In the place of an actor that dies
another is started, and its case is given out again.
"""

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Any

from imaging.cluster import ray_cluster
from imaging.manifest import Manifest
from service.batch.attempt import Job, attempt, reason_of
from service.batch.case import Case
from service.batch.embedded import Embedded, ModelChoice
from service.batch.faults import WorkerLost
from service.batch.record import Record
from service.batch.streams import Listener
from service.findings import ModelRef

TRIES = 3
"""How often a case is given out whose actors die."""

LOOK_S = 0.5
"""Between two looks at whether to end."""


class Actor:
    """
    Scores cases in a process of Ray.

    Args:
        choice: The model; it is loaded when it is first needed, so that what is wrong with it can be told.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._embedded: Embedded | None = None

    def model(self) -> tuple[ModelRef, Manifest]:
        """The model, and what it says about itself."""
        loaded = self._loaded()
        return loaded.ref, loaded.manifest

    def score(self, case: Case, job: Job) -> Record:
        """What becomes of a case."""
        return attempt(case, self._loaded(), job)

    def _loaded(self) -> Embedded:
        if self._embedded is None:
            self._embedded = Embedded(self._choice)
        return self._embedded


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A case that an actor was given, for the n-th time."""

    case: Case
    actor: Any
    tries: int


class RayEngine:
    """
    Actors that each score one case after the other.

    Args:
        ray: Ray, connected.
        choice: The model.
        count: How many actors.
        gpus: Of GPUs, for each actor.

    Attributes:
        ref: The model.
        manifest: What it says about itself.

    Raises:
        ServiceFault: the model cannot be used, as `Embedded` says.
        WorkerLost: an actor cannot even load it.
    """

    def __init__(self, ray: Any, choice: ModelChoice, count: int, gpus: float) -> None:
        self._ray = ray
        kind = ray.remote(num_cpus=choice.thread_count, num_gpus=gpus)(Actor)
        self._made = partial(kind.remote, choice)
        self._idle: list[Any] = []
        self._starting: dict[Any, Any] = {}
        for _ in range(count):
            self._start()
        answered = self._started(next(iter(self._starting)))
        if answered is None:
            raise WorkerLost("a worker of Ray died while it loaded the model; it may have too little memory")
        self.ref, self.manifest = answered

    @classmethod
    @contextmanager
    def on(cls, address: str | None, choice: ModelChoice, count: int, gpus: float) -> Iterator["RayEngine"]:
        """
        An engine on a running cluster, or on one of this machine, which ends with the block.

        Raises:
            NoCluster: Ray is not installed, or there is no cluster.
        """
        handler = signal.getsignal(signal.SIGTERM)
        with ray_cluster(address, count * choice.thread_count) as ray:
            # Ray has put its own in the place of it.
            signal.signal(signal.SIGTERM, handler)
            yield cls(ray, choice, count, gpus)

    def run(self, cases: Sequence[Case], job: Job, listener: Listener, stop: Event) -> None:
        """
        Score cases until there are no more, or ``stop`` is set.

        Raises:
            OSError: a result cannot be written.
            WorkerLost: no worker is left that could load the model.
        """
        waiting = deque((case, 1) for case in cases)
        given: dict[Any, Given] = {}
        while given or (waiting and not stop.is_set()):
            while waiting and self._idle and not stop.is_set():
                (case, tries), actor = waiting.popleft(), self._idle.pop()
                listener.send(case)
                given[actor.score.remote(case, job)] = Given(case, actor, tries)
            if not given and not self._starting:
                raise WorkerLost("all workers of Ray died while they loaded the model; they may have too little memory")
            done, _ = self._ray.wait([*self._starting, *given], timeout=LOOK_S)
            for answer in done:
                if answer in self._starting:
                    self._started(answer)
                    continue
                ended = given.pop(answer)
                if (record := self._outcome(ended, answer)) is not None:
                    listener.add(record)
                else:
                    waiting.appendleft((ended.case, ended.tries + 1))

    def _start(self) -> None:
        """Begin an actor; it is given a case only once it has loaded the model, which may wait for a machine."""
        actor = self._made()
        self._starting[actor.model.remote()] = actor

    def _started(self, answer: Any) -> Any:
        """The model of an actor that was begun; None where it died over it, and no other is begun for it."""
        actor, model = self._starting.pop(answer), self._answer(answer)
        if model is not None:
            self._idle.append(actor)
        return model

    def _outcome(self, ended: Given, answer: Any) -> Record | None:
        """What became of a case; None where it is to be given out again, since its actor died."""
        record: Record | None = self._answer(answer)
        if record is None:
            self._start()
            return _lost(ended.case) if ended.tries == TRIES else None
        self._idle.append(ended.actor)
        return replace(record, tries=ended.tries)

    def _answer(self, answer: Any) -> Any:
        """What an actor answered; None where it died over it."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(answer)
        except errors.RayTaskError as error:
            raise error.cause from None
        except errors.RayError:
            return None


def _lost(case: Case) -> Record:
    fault = WorkerLost(f"{TRIES} workers of Ray died over this case; a worker may have too little memory")
    return Record(case.name, reason=reason_of(fault), message=str(fault), tries=TRIES)
