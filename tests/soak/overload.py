"""
Ten times as much as a server can do.

``python -m tests.soak.overload`` measures how many requests a second a server answers to as many callers as it works
for at once, then sends ten times as many a second, and fails unless goodput stays at 90 % and refusals come at once.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio
import numpy as np

from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.encoding import Compression
from service.wire import mask_message, volume_message
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


@dataclass
class Seen:
    """What callers saw: when answers came, how long refusals took, and what else happened."""

    answers: int = 0
    refusals_s: list[float] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def costly() -> messages.ClassifyRequest:
    """A request of few bytes and much work: a plain CT with 48 nodes."""
    labels = np.zeros(GRID.shape, dtype=np.uint8)
    labels[2::8, 4::16, 5::16] = np.arange(1, 4 * 4 * 4 + 1).reshape(4, 4, 4)
    grown = np.max([np.roll(labels, n, axis) for n in (0, 1, 2) for axis in (0, 1, 2)], axis=0)
    return messages.ClassifyRequest(
        model="cnn-gap",
        model_version=1,
        volume=volume_message(Volume(np.full(GRID.shape, 40, dtype=np.int16), GRID), Compression.ZSTD),
        mask=mask_message(NodeMask(grown, GRID)),
        options=messages.ClassifyOptions(
            node_separation=messages.NODE_SEPARATION_LABELS, edge_policy=messages.EDGE_POLICY_PAD
        ),
    )


async def ask(stub: NodeClassifierServiceStub, request: messages.ClassifyRequest, seen: Seen) -> None:
    """Ask once, and note what happens."""
    start = time.perf_counter()
    try:
        await stub.Classify(request)
        seen.answers += 1
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


async def measure(address: str, seconds: float) -> tuple[float, float, Seen]:
    """Capacity before, goodput under overload, and what was seen then."""
    request = costly()
    async with grpc.aio.insecure_channel(address) as channel:
        stub = NodeClassifierServiceStub(channel)
        await capacity(stub, request, seconds / 4)
        alone = await capacity(stub, request, seconds)
        return alone, *await overload(stub, request, TIMES * alone, seconds)


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.overload", description="Ten times too much")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each part; default: %(default)s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = write_models(Path(folder) / "models")
        options = ["--concurrent", str(CONCURRENT), "--max-queue", str(QUEUE), "--threads", "1"]
        with running_server(models, Path(folder) / "log.jsonl", *options) as server:
            alone, goodput, seen = asyncio.run(measure(server.address, args.seconds))
    refusal_s = statistics.median(seen.refusals_s)
    sys.stdout.write(
        f"capacity {alone:.1f}/s; at {TIMES} times that, goodput {goodput:.1f}/s, a share of {goodput / alone:.2f}\n"
        f"{len(seen.refusals_s)} refusals, median {1000 * refusal_s:.1f} ms; others: {seen.others or 'none'}\n"
    )
    return int(goodput < GOODPUT * alone or refusal_s >= REFUSAL_S or bool(seen.others))


if __name__ == "__main__":
    sys.exit(main())
