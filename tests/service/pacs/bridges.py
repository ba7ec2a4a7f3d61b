"""Bridges in processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.pacs.settings import CREDENTIALS
from tests.service.pacs.orthancs import USER

COMMAND = [sys.executable, "-c", "from service.pacs.main import main; raise SystemExit(main())"]


class RunningBridge:
    """
    A process that can be killed and started again with the same journal.

    Args:
        folder: For its journal and log.
        words: Of its command line, without journal and metrics.
    """

    def __init__(self, folder: Path, *words: str) -> None:
        self.journal = folder / "journal"
        self.log = folder / "bridge.jsonl"
        self._words = [*COMMAND, *words, "--journal", str(self.journal), "--metrics", "127.0.0.1:0"]
        self.process: subprocess.Popen[str] | None = None
        self.metrics_url = ""
        self.lines: list[str] = []

    def start(self, line_count: int = 1) -> None:
        """Start it, and read what it says first."""
        environment = os.environ | {CREDENTIALS: ":".join(USER), "OMP_NUM_THREADS": "1"}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self._words, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        self.lines = [self.process.stdout.readline().strip() for _ in range(line_count)]
        assert self.lines[0].startswith("metrics on "), self.log.read_text()
        self.metrics_url = self.lines[0].split()[-1]

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code


@contextmanager
def running_bridge(folder: Path, *words: str, line_count: int = 1) -> Iterator[RunningBridge]:
    """A bridge that runs, and is ended by SIGTERM unless the test has ended it."""
    bridge = RunningBridge(folder, *words)
    bridge.start(line_count)
    try:
        yield bridge
    finally:
        if bridge.process.poll() is None:
            bridge.end()
