"""
Ten times as much as a server can do.

``python -m tests.soak.overload`` measures how many requests a second a server answers to as many callers as it works
for at once, then sends ten times as many a second, and fails unless goodput stays at 90 % and refusals come at once.
That is done with a network of the paper's size, and with one so small that the server itself is most of the work.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio
import numpy as np

from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import findings_pb2 as findings
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.encoding import Compression
from service.wire import mask_message, volume_message
from tests.bench.serving import write_full_size
from tests.service.models import write_models
from tests.service.scans import GRID
from tests.service.servers import running_server
from tests.service.streams import fault_of

CONCURRENT, QUEUE = 2, 4
TIMES = 10
GOODPUT = 0.9
"""Least answers a second under overload, as a share of those without."""

REFUSAL_S = 0.05
"""Longest median time of a refusal."""


@dataclass(frozen=True, slots=True)
class Load:
    """
    What is asked.

    Attributes:
        network: Name of the model.
        write: Writes a folder of models, this one included.
        nodes: How many there are along z, y and x.
    """

    network: str
    write: Callable[[Path], Path]
    nodes: tuple[int, int, int]


LOADS = (Load("resnet50", write_full_size, (1, 1, 2)), Load("cnn-gap", write_models, (4, 4, 4)))


@dataclass
class Seen:
    """What callers saw: answers with every node scored, how long refusals took, and what else happened."""

    answers: int = 0
    refusals_s: list[float] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def costly(load: Load) -> messages.ClassifyRequest:
    """A request of few bytes and much work: a plain CT with many nodes."""
    labels = np.zeros(GRID.shape, dtype=np.uint8)
    for label, (z, y, x) in enumerate(np.ndindex(load.nodes), start=1):
        k, j, i = 2 + 8 * z, 4 + 15 * y, 5 + 15 * x
        labels[k : k + 3, j : j + 5, i : i + 5] = label
    return messages.ClassifyRequest(
        model=load.network,
        model_version=1,
        volume=volume_message(Volume(np.full(GRID.shape, 40, dtype=np.int16), GRID), Compression.ZSTD),
        mask=mask_message(NodeMask(labels, GRID)),
        options=messages.ClassifyOptions(
            node_separation=messages.NODE_SEPARATION_LABELS, edge_policy=messages.EDGE_POLICY_PAD
        ),
    )


async def ask(stub: NodeClassifierServiceStub, request: messages.ClassifyRequest, seen: Seen) -> None:
    """Ask once, and note what happens."""
    start = time.perf_counter()
    try:
        answer = await stub.Classify(request)
        seen.answers += all(node.status == findings.NODE_STATUS_SCORED for node in answer.classification.nodes)
    except grpc.aio.AioRpcError as error:
        if fault_of(error)[:2] == ("RESOURCE_EXHAUSTED", "OVERLOADED"):
            seen.refusals_s.append(time.perf_counter() - start)
        else:
            seen.others.append(error.code().name)


async def capacity(stub: NodeClassifierServiceStub, request: messages.ClassifyRequest, seconds: float) -> float:
    """Answers a second to as many callers as are worked for at once."""
    seen, start = Seen(), time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() - start < seconds:
            await ask(stub, request, seen)

    await asyncio.gather(*[caller() for _ in range(CONCURRENT)])
    return seen.answers / (time.perf_counter() - start)


async def overload(
    stub: NodeClassifierServiceStub, request: messages.ClassifyRequest, rate: float, seconds: float
) -> tuple[float, Seen]:
    """Answers a second while requests come at this rate, whatever becomes of them."""
    seen, calls, start = Seen(), set(), time.perf_counter()
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + n / rate - time.perf_counter()))
        calls.add(asyncio.create_task(ask(stub, request, seen)))
    answers, took_s = seen.answers, time.perf_counter() - start
    await asyncio.gather(*calls)
    return answers / took_s, seen


async def measured(address: str, load: Load, seconds: float) -> tuple[float, float, Seen]:
    """Capacity before, goodput under overload, and what was seen then."""
    request = costly(load)
    async with grpc.aio.insecure_channel(address) as channel:
        stub = NodeClassifierServiceStub(channel)
        await capacity(stub, request, seconds / 4)
        alone = await capacity(stub, request, seconds)
        return alone, *await overload(stub, request, TIMES * alone, seconds)


def holds(load: Load, seconds: float) -> bool:
    """Measure a server of its own, print, and judge."""
    with tempfile.TemporaryDirectory() as folder:
        models = load.write(Path(folder) / "models")
        options = ["--concurrent", str(CONCURRENT), "--max-queue", str(QUEUE), "--threads", "1"]
        with running_server(models, Path(folder) / "log.jsonl", *options) as server:
            alone, goodput, seen = asyncio.run(measured(server.address, load, seconds))
    refusal_s = statistics.median(seen.refusals_s)
    sys.stdout.write(
        f"{load.network}, {np.prod(load.nodes)} nodes: capacity {alone:.1f}/s; at {TIMES} times that, goodput "
        f"{goodput:.1f}/s, a share of {goodput / alone:.2f}; {len(seen.refusals_s)} refusals, median "
        f"{1000 * refusal_s:.1f} ms; others: {seen.others or 'none'}\n"
    )
    return goodput >= GOODPUT * alone and refusal_s < REFUSAL_S and not seen.others


def main() -> int:
    """Measure each load."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.overload", description="Ten times too much")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each part; default: %(default)s")
    args = parser.parse_args()
    return int(sum(holds(load, args.seconds) for load in LOADS) < len(LOADS))


if __name__ == "__main__":
    sys.exit(main())
