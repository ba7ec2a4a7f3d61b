"""Several servers of one model, as one that scores."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import TypeVar

from imaging.mask import NodeMask
from imaging.volume import Volume
from service.batch.attempt import Answer
from service.batch.faults import ModelDiffers, Stopped
from service.client import NodeClassifier
from service.connection import Connection
from service.findings import Classification
from service.options import ClassifyOptions
from service.refusal import CallFailed, ServerUnreachable, TryLater
from service.retry import RetryPolicy
from service.security.credentials import Access
from service.served import ServedModel

WAITS = RetryPolicy(attempts=100, first_wait_s=0.1, longest_wait_s=10.0)
"""Between two calls for one case; a server that says how long may ask for more."""

ONE_CALL = Connection(RetryPolicy(attempts=1))
"""Who is asked again is decided here, not by the client: another server may answer at once."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Link:
    """
    A connection to one server.

    Attributes:
        address: HOST:PORT.
        classifier: The connection.
        busy: Calls that it is answering now.
        rests_until: Monotonic time before which it is not asked.
    """

    address: str
    classifier: NodeClassifier
    busy: int = 0
    rests_until: float = 0.0


class Servers:
    """
    Asks the server that is the least busy, and another where one is away or has no room.

    Args:
        links: Connections to the servers, of which at least one answers.
        name: Of the model; empty is the default.
        version: Of the model; 0 is the newest.
        patience_s: A case is given up where no server has scored anything for so long.
        stop: Ends all waiting once it is set.

    Attributes:
        ref: The model, by the first server that answers; all must have the same file.
        manifest: What it says about itself.

    Raises:
        CallFailed: no server answers, or the first that does refuses.
        UnknownModel: a server does not have the model.
        ModelDiffers: the servers' models are not the same file.
    """

    def __init__(self, links: Sequence[Link], name: str, version: int, patience_s: float, stop: Event) -> None:
        self._links = links
        self._patience_s = patience_s
        self._stop = stop
        self._lock = Lock()
        self._last_answer = time.monotonic()
        model = self._model(name, version)
        self.ref, self.manifest = model.ref, model.manifest

    @classmethod
    @contextmanager
    def at(
        cls,
        addresses: Sequence[str],
        name: str,
        version: int,
        timeout_s: float,
        patience_s: float,
        access: Access,
        stop: Event,
    ) -> Iterator["Servers"]:
        """Connect to servers; the connections end with the block."""
        with ExitStack() as stack:
            connect = [NodeClassifier(each, timeout_s, access=access, connection=ONE_CALL) for each in addresses]
            links = [Link(a, stack.enter_context(c)) for a, c in zip(addresses, connect, strict=True)]
            yield cls(links, name, version, patience_s, stop)

    def classify(self, volume: Volume, mask: NodeMask, options: ClassifyOptions) -> Answer:
        """
        Score the nodes of one CT.

        Raises:
            CallFailed: it cannot be scored, or no server has scored anything for too long.
            ModelDiffers: the model was changed meanwhile.
            Stopped: the batch was told to end before it was sent.
        """

        def ask(link: Link) -> Classification:
            return link.classifier.classify(volume, mask, self.ref.name, self.ref.version, options)

        found, tries, address = self._asked(ask)
        if found.model.digest != self.ref.digest:
            raise ModelDiffers(
                f"the server at {address} answers with another model than at the start: its file was replaced"
            )
        self._last_answer = time.monotonic()
        return Answer(found, tries, address)

    def _asked(self, ask: Callable[[Link], T]) -> tuple[T, int, str]:
        """What a server says, after how many calls, and which."""
        for tries, wait_s in enumerate([*WAITS.waits_s(), None], start=1):
            link = self._taken()
            try:
                return ask(link), tries, link.address
            except (ServerUnreachable, TryLater) as failure:
                impatient = time.monotonic() - self._last_answer > self._patience_s
                if wait_s is None or impatient:
                    raise
                link.rests_until = time.monotonic() + max(wait_s, getattr(failure, "retry_s", 0.0))
            finally:
                with self._lock:
                    link.busy -= 1
        raise AssertionError("the last wait is None")

    def _taken(self) -> Link:
        """The least busy server of those that do not rest, as soon as there is one."""
        while not self._stop.is_set():
            with self._lock:
                now = time.monotonic()
                awake = [link for link in self._links if link.rests_until <= now]
                if awake:
                    chosen = min(awake, key=lambda link: link.busy)
                    chosen.busy += 1
                    return chosen
                wait_s = min(link.rests_until for link in self._links) - now
            self._stop.wait(wait_s)
        raise Stopped("the batch was told to end")

    def _model(self, name: str, version: int) -> ServedModel:
        models: dict[str, ServedModel] = {}
        failures: list[CallFailed] = []
        for link in self._links:
            try:
                models[link.address] = link.classifier.model(name, version)
            except (ServerUnreachable, TryLater) as failure:
                failures.append(failure)
        if not models:
            raise failures[0]
        (address, first), *others = models.items()
        for other, model in others:
            if model.ref != first.ref:
                raise ModelDiffers(f"the servers at {address} and {other} would answer with different models")
        return first
