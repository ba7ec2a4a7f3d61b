"""
What the server adds to a network, as ratios within one run.

``python -m tests.bench.serving`` prints a Markdown table; compare the ratios, not the times.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
import onnxruntime
import psutil
from numpy.typing import NDArray

from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.subbox import SubBox
from service.wire import mask_message, volume_message
from tests.bench.preprocessing import scene
from tests.imaging.manifests import manifest
from tests.service.servers import Server, running_server
from tests.training.networks.trained import crops_of, trained_network
from training.onnx_file import write_model

NETWORK = "resnet50"
THREADS = os.cpu_count() or 1
BATCH = 16
CALLERS = BATCH
ROUNDS = 3
RUNS = 2
REQUESTS = 3 * CALLERS
PAIRS = 15
SPEC = PreprocessingSpec()

Call = Callable[[bytes], bytes]
Plain = Callable[[NDArray[np.float32]], object]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One thing against another in the same run: medians of both, and their ratio."""

    name: str
    ours: float
    other: float
    ratio: float
    aim: str


def one_node() -> SubBox:
    """The part of a CT that a client sends for one node of 16 mm."""
    volume, mask = scene()
    node = next(node for node in find_nodes(mask) if node.label == 4)
    region = mask.geometry.region_of(node.box, margin=1)
    alone = NodeMask(mask.labels[region].copy(), mask.geometry.cropped(region))
    return SubBox.around(volume, alone, SPEC, NodeSeparation.LABELS)


def asked(part: SubBox, heatmap: int = messages.HEATMAP_OUTPUT_CROP) -> bytes:
    """The request for it, as it is sent."""
    return messages.ClassifyRequest(
        model=NETWORK,
        volume=volume_message(part.volume),
        mask=mask_message(part.mask),
        options=messages.ClassifyOptions(heatmap_output=heatmap),
    ).SerializeToString()


def write_full_size(folder: Path) -> Path:
    """A folder with the network, of full-size inputs."""
    told = manifest(name=NETWORK, network=NETWORK, preprocessing=SPEC)
    crops = crops_of(SPEC.input_shape_px[0], 4)[0]
    write_model(trained_network(NETWORK), told, crops, folder / NETWORK / "1" / "model.onnx")
    return folder


@contextmanager
def served(folder: Path) -> Iterator[tuple[Server, Call]]:
    """A server of the network with full-size inputs, and a call that costs its caller next to nothing."""
    write_full_size(folder)
    options = ("--threads", str(THREADS), "--max-batch", str(BATCH), "--device", "cpu")
    with (
        running_server(folder, folder / "log.jsonl", *options) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        yield server, channel.unary_unary("/nodelens.v1.NodeClassifierService/Classify")


def seconds(run: Callable[[], object]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def throughput(session: Plain, server: Server, call: Call, request: bytes) -> list[Ratio]:
    """
    A server that always has more to do, against runs of full batches and nothing else.

    By the clock, and by the processor's time, which tells the same where other programs take turns with these.
    """
    slices = np.zeros((BATCH, 1, *SPEC.input_shape_px), dtype=np.float32)
    ours, other = psutil.Process(server.process.pid), psutil.Process()
    served, bare = [], []
    with ThreadPoolExecutor(CALLERS) as pool:
        for _ in range(ROUNDS):
            nodes = RUNS * BATCH / len(SPEC.slice_offsets)
            bare.append(_per_node(other, nodes, lambda: [session(slices) for _ in range(RUNS)]))
            served.append(_per_node(ours, REQUESTS, lambda: list(pool.map(call, [request] * REQUESTS))))
    (clock, work), (bare_clock, bare_work) = (np.median(times, axis=0) for times in (served, bare))
    return [
        Ratio(f"nodes/s at saturation, {CALLERS} callers", 1 / clock, 1 / bare_clock, bare_clock / clock, "≥ 0.9"),
        Ratio("nodes per second of processor time", 1 / work, 1 / bare_work, bare_work / work, "≥ 0.9"),
    ]


def _per_node(process: psutil.Process, nodes: float, run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of a process's processor time, for each node."""
    before = sum(process.cpu_times()[:2])
    clock_s = seconds(run)
    return clock_s / nodes, (sum(process.cpu_times()[:2]) - before) / nodes


def latency(session: Plain, call: Call, request: bytes, part: SubBox) -> Ratio:
    """One request for one node to an idle server, against cutting its crop and running the network in this process."""

    def bare() -> None:
        [node] = prepare(part.volume, find_nodes(part.mask), SPEC)
        assert node.crop is not None
        session(node.crop.pixels[:, None])

    ours, other = _medians(lambda: call(request), bare)
    return Ratio("seconds of one request less 1 ms, against crop and run", ours, other, (ours - 0.001) / other, "≤ 1.3")


def _medians(ours: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of two things that take turns; the first turn warms up."""
    pairs = [(seconds(ours), seconds(other)) for _ in range(PAIRS + 1)][1:]
    a, b = np.median(pairs, axis=0).tolist()
    return a, b


def heat(call: Call, with_map: bytes, without: bytes) -> Ratio:
    """One request with the heat map on the crop, against the same without."""
    ours, other = _medians(lambda: call(with_map), lambda: call(without))
    return Ratio("seconds of one request with heat map, against without", ours, other, ours / other, "≤ 1.05")


def table(ratios: list[Ratio]) -> str:
    """A Markdown table."""
    lines = ["| what | served | bare | ratio | aim |", "|---|---|---|---|---|"]
    lines += [f"| {r.name} | {r.ours:.4g} | {r.other:.4g} | {r.ratio:.2f} | {r.aim} |" for r in ratios]
    return "\n".join(lines)


def plain_session(path: Path) -> Plain:
    """The file in ONNX Runtime, as anybody would run it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda slices: session.run(["logits", "heatmaps"], {"crops": slices})


def main() -> None:
    """Measure and print."""
    part = one_node()
    request, without = asked(part), asked(part, messages.HEATMAP_OUTPUT_NONE)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (server, call):
        session = plain_session(Path(folder) / NETWORK / "1" / "model.onnx")
        ratios = throughput(session, server, call, request)
        ratios += [latency(session, call, request, part), heat(call, request, without)]
    title = f"{NETWORK}, {len(SPEC.slice_offsets)} slices a node, batches of {BATCH}, {THREADS} threads, on the CPU"
    sys.stdout.write(f"{title}\n\n{table(ratios)}\n")


if __name__ == "__main__":
    main()
