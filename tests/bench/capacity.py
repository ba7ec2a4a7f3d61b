"""
How much one server answers, for the table of the operations guide.

``python -m tests.bench.capacity`` measures on an idle machine and prints a Markdown table;
``--write deploy/README.md`` puts it between the guide's marks. Unlike the other benches it tells absolute numbers: they
are of this machine only.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
import psutil

from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import DEFAULT_CONNECTION
from service.sending import Parcel
from service.wire import mask_message, volume_message
from tests.bench.preprocessing import scene
from tests.bench.serving import NETWORK, SPEC, THREADS, asked, one_node, served

CALLERS = (1, 2, 4, 8, 16)
MARKS = re.compile(r"(?<=<!-- capacity -->\n).*?(?=<!-- /capacity -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Load:
    """So many callers that ask again as soon as they are answered, and what they saw."""

    what: str
    callers: int
    nodes_per_s: float
    median_s: float
    p95_s: float
    peak_mib: float

    def __str__(self) -> str:
        """A line of the table."""
        cells = (f"{self.nodes_per_s:.3g}", f"{self.median_s:.3g}", f"{self.p95_s:.3g}", f"{self.peak_mib:.0f}")
        return f"| {self.what} | {self.callers} | {' | '.join(cells)} |"


def load(what: str, call: Callable[[], object], nodes: int, callers: int, seconds: float, pid: int) -> Load:
    """
    Ask for so long.

    Args:
        what: The request, in words.
        call: Makes it, and waits for the answer.
        nodes: Of one request.
        callers: How many ask at once.
        seconds: For how long they begin new requests.
        pid: Of the server.
    """
    server, peak = psutil.Process(pid), [0]
    start = time.perf_counter()

    def caller() -> list[float]:
        times = []
        while not times or time.perf_counter() - start < seconds:
            begun = time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
            peak[0] = max(peak[0], server.memory_info().rss)
        return times

    with ThreadPoolExecutor(callers) as pool:
        futures = [pool.submit(caller) for _ in range(callers)]
        times = [each for future in futures for each in future.result()]
    passed_s = time.perf_counter() - start
    median_s, p95_s = np.percentile(times, (50, 95)).tolist()
    return Load(what, callers, nodes * len(times) / passed_s, median_s, p95_s, peak[0] / 2**20)


def measured(seconds: float, callers: tuple[int, ...]) -> list[Load]:
    """One node as the client sends it, and a whole CT with six nodes as a stream."""
    volume, mask = scene()
    whole = Parcel.of(messages.ClassifyRequest(model=NETWORK, volume=volume_message(volume), mask=mask_message(mask)))
    request = asked(one_node())
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as (server, call),
        grpc.insecure_channel(server.address, options=DEFAULT_CONNECTION.options()) as channel,
    ):
        stub, pid = NodeClassifierServiceStub(channel), server.process.pid
        kinds = (
            (f"one node, {len(request) / 2**20:.1f} MiB", lambda: call(request), 1),
            (f"whole CT, {volume.hu.nbytes / 2**20:.0f} MiB, 6 nodes", lambda: stub.ClassifyStream(whole.stream()), 6),
        )
        call(request)
        return [load(what, ask, nodes, n, seconds, pid) for what, ask, nodes in kinds for n in callers]


def table(loads: list[Load]) -> str:
    """Markdown, with the machine that it is of."""
    cores = f"{os.cpu_count()} cores ({_processor()}), {THREADS} threads, no GPU"
    lines = ["| request | callers | nodes/s | median s | 95 % s | server's memory, MiB |", "|---|---|---|---|---|---|"]
    told = (
        f"`{NETWORK}`, {len(SPEC.slice_offsets)} slices of {SPEC.input_shape_px[0]} x {SPEC.input_shape_px[1]} a node"
    )
    return "\n".join([f"{told}; client and server on one machine of {cores}.", "", *lines, *map(str, loads)]) + "\n"


def _processor() -> str:
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else "unknown"


def main() -> None:
    """Measure, print, and write where asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity", description="How much one server answers")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each line; default: %(default)g")
    parser.add_argument("--callers", type=int, nargs="+", default=CALLERS, help="default: 1 2 4 8 16")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks of this file")
    args = parser.parse_args()
    text = table(measured(args.seconds, tuple(args.callers)))
    sys.stdout.write(text)
    if args.write:
        args.write.write_text(MARKS.sub(lambda _: text, args.write.read_text()))


if __name__ == "__main__":
    main()
