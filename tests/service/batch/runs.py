"""Batches in processes of their own, and what they leave."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pandas
from prometheus_client.parser import text_string_to_metric_families

COMMAND = [sys.executable, "-c", "import sys; from service.score import main; sys.exit(main())", "batch"]

OUTCOME = ["outcome", "reason", "nodes", "nodes_scored", "patient"]
"""Columns of ``cases.csv`` that do not tell how long something took."""


def started(*words: object) -> "subprocess.Popen[str]":
    """The command, just started, with its output to be read."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | ENV
    )


ENV = {"OMP_NUM_THREADS": "1"}


def ended(*words: object) -> tuple[int, str, str]:
    """What becomes of the command: exit code, output and error output."""
    process = started(*words)
    out, err = process.communicate()
    return process.returncode, out, err


def records(out: Path) -> list[dict[str, Any]]:
    """All whole lines of a journal but the first."""
    path = out / "journal.jsonl"
    content = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in content[: content.rfind("\n") + 1].splitlines()[1:]]


def finished(out: Path) -> int:
    """How many cases the journal says were scored."""
    return len({line["case"] for line in records(out) if line.get("findings")})


def killed(out: Path, total: int, kills: int, seed: int, *words: object) -> list[int]:
    """
    Run a batch, and kill it at random times.

    It goes on with ``--resume`` each time, and is left unfinished by the last kill.

    Returns:
        Cases that were scored at each kill.
    """
    rng, done = random.Random(seed), []
    for n in range(kills):
        process = started(*words, "--out", out, "--resume")
        # Somewhere in the n-th part of the cohort, and then at any moment.
        wanted = int(total * (n + rng.uniform(0.2, 0.9)) / (kills + 1))
        while finished(out) < wanted and process.poll() is None:
            # To look at a long journal takes the processor's time.
            time.sleep(total / 2000)
        time.sleep(rng.uniform(0, 0.05))
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        done.append(finished(out))
    return done


def sent_after_scored(out: Path) -> set[str]:
    """Cases that were sent although the journal already said that they were scored."""
    scored, again = set(), set()
    for line in records(out):
        if line.get("sent") in scored:
            again.add(line["sent"])
        if line.get("findings"):
            scored.add(line["case"])
    return again


def answered(metrics_url: str) -> int:
    """Requests that a server has answered with findings."""
    with urlopen(metrics_url) as page:
        families = text_string_to_metric_families(page.read().decode())
        samples = [sample for family in families for sample in family.samples]
    counts = [
        sample.value
        for sample in samples
        if sample.name == "grpc_server_handled_total"
        and sample.labels["grpc_method"] == "ClassifyStream"
        and sample.labels["grpc_code"] == "OK"
    ]
    return int(sum(counts))


def nodes(out: Path) -> pandas.DataFrame:
    """The table of nodes, as Parquet has it."""
    return pandas.read_parquet(out / "nodes.parquet")


def require_same_tables(a: Path, b: Path, tolerance: float = 1e-6) -> None:
    """Two batches found the same: all of nodes to the tolerance, and what became of the cases."""
    pandas.testing.assert_frame_equal(nodes(a), nodes(b), rtol=0, atol=tolerance)
    one, other = (pandas.read_csv(folder / "cases.csv", index_col="case")[OUTCOME] for folder in (a, b))
    pandas.testing.assert_frame_equal(one, other)
