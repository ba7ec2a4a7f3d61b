"""
A batch against what its server can do, in one run.

``python -m tests.bench.batch`` prints how many cases a second `nodelens-score batch` scores with four streams, from
files to journal, as a share of what the same server answers to callers that have the same requests in memory and cost
next to nothing. Both share the machine, so that what the batch does itself (reading files, cutting out what is sent)
counts against it twice: it is not done by anybody else, and the server lacks the processor's time.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imaging.separation import NodeSeparation
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.batch.cases import read_table
from service.options import ClassifyOptions, HeatmapOutput
from service.subbox import SubBox
from service.wire import mask_message, options_message, volume_message
from tests.bench.serving import CALLERS, NETWORK, SPEC, THREADS, Call, seconds, served
from tests.service.batch.runs import ended
from training.phantoms.cohort import write_cohort

STREAMS = 4
ROUNDS = 3
AIM = 0.9


def requests_of(table: Path) -> list[bytes]:
    """What a batch asks about each case, as it is sent."""
    options = ClassifyOptions(NodeSeparation.LABELS, heatmap_output=HeatmapOutput.NONE)
    asked = []
    for case in read_table(table).cases:
        images = case.read()
        part = SubBox.around(images.volume, images.mask, SPEC, NodeSeparation.LABELS)
        request = messages.ClassifyRequest(
            model=NETWORK,
            volume=volume_message(part.volume),
            mask=mask_message(part.mask),
            options=options_message(options),
        )
        asked.append(request.SerializeToString())
    return asked


def saturation(call: Call, requests: Sequence[bytes]) -> float:
    """Cases a second, to callers enough that the server always has more to do."""
    with ThreadPoolExecutor(CALLERS) as pool:
        return len(requests) / seconds(lambda: list(pool.map(call, requests)))


def batch(table: Path, out: Path, address: str, streams: int) -> float:
    """Cases a second, by the batch's own summary: from the first file to the last record."""
    code, _, err = ended(table, "--server", address, "--streams", streams, "--out", out)
    if code:
        raise SystemExit(err)
    summary = json.loads((out / "summary.json").read_text())
    return float(summary["scored_now"] / summary["wall_s"])


def main() -> int:
    """Measure by turns, and print; 1 where the aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.batch", description="A batch against its server")
    parser.add_argument("--phantoms", type=int, default=40, help="patients; default: %(default)s")
    parser.add_argument("--streams", type=int, default=STREAMS, help="default: %(default)s")
    args = parser.parse_args()
    ours, full = [], []
    with tempfile.TemporaryDirectory() as temporary, served(Path(temporary) / "models") as (server, call):
        cohort = Path(temporary) / "cohort"
        write_cohort(cohort, args.phantoms, seed=0)
        requests = requests_of(cohort / "cases.csv")
        saturation(call, requests[:CALLERS])
        for n in range(ROUNDS):
            full.append(saturation(call, requests))
            ours.append(batch(cohort / "cases.csv", Path(temporary) / f"out{n}", server.address, args.streams))
    share = statistics.median(one / other for one, other in zip(ours, full, strict=True))
    sys.stdout.write(
        f"{NETWORK}, {THREADS} threads, on the CPU; {len(requests)} phantoms\n\n"
        "| what | cases a second, median |\n|---|---|\n"
        f"| {CALLERS} callers with requests in memory | {statistics.median(full):.2f} |\n"
        f"| nodelens-score batch --streams {args.streams} | {statistics.median(ours):.2f} |\n\n"
        f"share {share:.2f} (aim: at least {AIM})\n"
    )
    return int(share < AIM)


if __name__ == "__main__":
    sys.exit(main())
