"""Servers that go away while they are asked, and come back on the same port."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.service.servers import Server, running_server


class Restarting:
    """
    A server, and another that takes its place.

    Attributes:
        server: The one that runs at present.
    """

    def __init__(self, stack: ExitStack, models: Path, folder: Path) -> None:
        self._stack, self._models, self._folder = stack, models, folder
        self.server = self._started("127.0.0.1:0")

    def end(self, number: signal.Signals) -> None:
        """Let a signal end the server, and wait until it has."""
        self.server.process.send_signal(number)
        self.server.process.wait(timeout=60)

    def restart(self, number: signal.Signals) -> None:
        """The same, and start another on its port."""
        self.end(number)
        self.server = self._started(self.server.address)

    def at(self, share: float, happens: Callable[[], object]) -> Callable[[int, int], None]:
        """A progress callback that lets something happen once, when this share has been sent."""
        pending = [happens]

        def progress(sent: int, total: int) -> None:
            if pending and sent >= share * total:
                pending.pop()()

        return progress

    def _started(self, address: str) -> Server:
        log = self._folder / f"{len(list(self._folder.iterdir()))}.jsonl"
        options = ("--listen", address, "--grace", "0")
        return self._stack.enter_context(running_server(self._models, log, *options, exit_code=None))


@contextmanager
def restarting(models: Path, folder: Path) -> Iterator[Restarting]:
    """A server that can be ended and restarted; what runs at the end is stopped."""
    with ExitStack() as stack:
        yield Restarting(stack, models, folder)
