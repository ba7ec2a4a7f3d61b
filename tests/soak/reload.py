"""
Many replacements of a model under load: no call fails, and memory stays.

``python -m tests.soak.reload`` replaces the model of a server 200 times while two callers ask without pause, and fails
unless every answer is that of a file that was published, and resident memory stays from the second fifth of the cycles
to the last.
"""

import argparse
import hashlib
import signal
import statistics
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import psutil

from tests.service.models import write_models
from tests.service.models.live import Caller, caller, eventually
from tests.service.models.published import publish, shifted
from tests.service.servers import running_server

NAME = "cnn"
CALLERS = 2
WARM = 200
"""Calls before the first cycle, after which the server has the threads and memory that calls need."""

GROWTH = 0.05
"""Largest growth of resident memory, as a share; 60 models of this size that are not released make it 0.44."""


@dataclass(slots=True)
class Load:
    """Callers that ask without pause: what they were told, and which calls failed."""

    answers: set[tuple[str, float]] = field(default_factory=set)
    count: int = 0
    failures: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def ask(self, calls: Caller) -> None:
        """Ask until told to end."""
        while not self.ending.is_set():
            try:
                self.answers.add(calls.asked(NAME))
            except grpc.RpcError as error:
                self.failures.append(error.code().name)
            self.count += 1


def main() -> int:
    """Run the cycles; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=200, help="at least 5; default: %(default)s")
    cycles = parser.parse_args().cycles
    with tempfile.TemporaryDirectory() as temporary:
        models = write_models(Path(temporary) / "models")
        words = ["--allow-research", "--poll-seconds", "0", "--threads", "1"]
        with running_server(models, Path(temporary) / "log.jsonl", *words) as server, caller(server) as calls:
            load = Load()
            threads = [threading.Thread(target=load.ask, args=(calls,)) for _ in range(CALLERS)]
            for thread in threads:
                thread.start()
            try:
                eventually(lambda: load.count >= WARM)
                sizes, digests = replaced(calls, models / NAME / "1" / "model.onnx", cycles)
            finally:
                load.ending.set()
                for thread in threads:
                    thread.join()
    return verdict(load, sizes, digests)


def replaced(calls: Caller, path: Path, cycles: int) -> tuple[list[int], set[str]]:
    """Replace a model again and again: resident bytes of the server after each cycle, and all digests there were."""
    process, content = psutil.Process(calls.server.process.pid), path.read_bytes()
    digests, sizes = {hashlib.sha256(content).hexdigest()}, []
    for cycle in range(1, cycles + 1):
        whole = shifted(content, cycle / cycles)
        digest = hashlib.sha256(whole).hexdigest()
        publish(whole, path)
        process.send_signal(signal.SIGHUP)
        eventually(lambda digest=digest: calls.digest(NAME) == digest)
        digests.add(digest)
        sizes.append(process.memory_info().rss)
        if cycle % max(1, cycles // 10) == 0:
            sys.stdout.write(f"{cycle} cycles: {sizes[-1] / 2**20:.1f} MiB resident\n")
            sys.stdout.flush()
    return sizes, digests


def verdict(load: Load, sizes: list[int], digests: set[str]) -> int:
    """Tell what happened; 1 where a call failed, an answer was nobody's, or memory grew."""
    fifth = len(sizes) // 5
    growth = statistics.median(sizes[-fifth:]) / statistics.median(sizes[fifth : 2 * fifth]) - 1
    told = {digest for digest, _ in load.answers}
    sys.stdout.write(
        f"{load.count} calls, {len(load.failures)} failed {sorted(set(load.failures))}; "
        f"{len(told)} of {len(digests)} files answered; memory grew by {growth:.2%}\n"
    )
    whole = len(load.answers) == len(told) and told <= digests
    return 0 if load.count and not load.failures and whole and growth <= GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
