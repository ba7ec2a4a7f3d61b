"""Real servers in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-c", "from service.serve import main; raise SystemExit(main())"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, its page of metrics, its process, and the file of its log."""

    address: str
    metrics_url: str
    process: "subprocess.Popen[str]"
    log: Path


@contextmanager
def running_server(models: Path, log: Path, *options: str, exit_code: int | None = 0) -> Iterator[Server]:
    """
    A server on free ports; stopped by SIGTERM at the end, after which it must have ended with this exit code.

    None is any: the test ends the server itself.
    """
    words = [*COMMAND, "--models", str(models), "--listen", "127.0.0.1:0", "--metrics-port", "0", *options]
    with log.open("w") as stderr, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        try:
            lines = [process.stdout.readline().split() for _ in range(2)]
            assert lines[0][:2] == ["listening", "on"], log.read_text()
            yield Server(lines[0][-1], lines[1][-1], process, log)
        finally:
            process.terminate()
    assert exit_code in (None, process.returncode)
