"""
A cohort that is killed again and again.

``python -m tests.soak.batch`` scores 200 phantoms and, where they are there, the 720 real CTs of lidc-voi by a server:
once uninterrupted, and once killed by SIGKILL three times at random moments and gone on with. It fails unless both left
the same tables, no case was sent again once its answer was in the journal, and the server answered no other case twice
than those that were under way at a kill. A third run, without a server, must find the same.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.real.lidc_cohort import write_cases
from tests.service.batch.cohorts import write_table
from tests.service.batch.runs import answered, ended, killed, require_same_tables, sent_after_scored
from tests.service.models import write_models
from tests.service.servers import running_server
from training.phantoms.cohort import write_cohort

COLUMNS = ("image", "mask", "node", "patient", "label")
MODEL = "cnn-gap"


@dataclass(frozen=True, slots=True)
class Course:
    """
    What was seen of the batch that was killed.

    Attributes:
        done: Cases that had been scored at each kill.
        twice: How many more requests than cases the server answered.
        under_way: Cases that had been sent and not answered at a kill.
        again: Cases that were sent although their answer was in the journal.
    """

    done: list[int]
    twice: int
    under_way: int
    again: set[str]

    def sound(self, kills: int, streams: int) -> bool:
        """Whether nothing was asked twice that had been answered for good."""
        return not self.again and 0 <= self.twice <= self.under_way <= kills * streams


def mixed(folder: Path, phantoms: int) -> tuple[Path, int]:
    """A table of phantoms and of real CTs, which says that not all are real; and how many CTs there are."""
    write_cohort(folder / "phantoms", phantoms, seed=0)
    tables = [folder / "phantoms" / "cases.csv"]
    data = Path(os.environ.get("NODELENS_REAL_DATA", ROOT.parent / "shared" / "data")) / "lidc-voi"
    if data.is_dir():
        tables.append(write_cases(data, folder / "lidc"))
    else:
        sys.stdout.write("no real CT here: set NODELENS_REAL_DATA to a folder that has lidc-voi\n")
    rows = [_row(table, cells) for table in tables for cells in csv.DictReader(table.open(newline=""))]
    (folder / "cohort.json").write_text(json.dumps({"synthetic": True}))
    return write_table(folder / "cases.csv", COLUMNS, rows), len({row[0] for row in rows})


def _row(table: Path, cells: dict[str, str]) -> list[str]:
    return [str(table.parent / cells[name]) for name in COLUMNS[:2]] + [cells[name] for name in COLUMNS[2:]]


def scored(*words: object) -> float:
    """Score a cohort to its end; the seconds it took."""
    start = time.perf_counter()
    code, _, err = ended(*words)
    if code:
        raise SystemExit(err)
    return time.perf_counter() - start


def interrupted(words: list[object], out: Path, metrics_url: str, total: int, args: argparse.Namespace) -> Course:
    """Score a cohort with kills, and tell what was seen."""
    before = answered(metrics_url)
    done = killed(out, total, args.kills, args.seed, *words)
    scored(*words, "--out", out, "--resume")
    under_way = json.loads((out / "summary.json").read_text())["sent_again"]
    return Course(done, answered(metrics_url) - before - total, len(under_way), sent_after_scored(out))


def main() -> int:
    """Run all three; 1 where the server was asked too often. Tables that differ are an error that tells where."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.batch", description="A cohort, killed")
    parser.add_argument("--phantoms", type=int, default=200, help="patients; default: %(default)s")
    parser.add_argument("--kills", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--streams", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills; default: %(default)s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = write_models(folder / "models")
        table, total = mixed(folder, args.phantoms)
        common: list[object] = [table, "--model", MODEL, "--edge", "pad", "--streams", args.streams]
        with running_server(models, folder / "log.jsonl", "--threads", "1") as server:
            words = [*common, "--server", server.address]
            whole_s = scored(*words, "--out", folder / "whole")
            course = interrupted(words, folder / "killed", server.metrics_url, total, args)
        inside_s = scored(*common, "--embedded", "--models", models, "--threads", 1, "--out", folder / "inside")
        for name in ("killed", "inside"):
            require_same_tables(folder / "whole", folder / name)
    sys.stdout.write(
        f"{total} cases, {args.streams} streams: {whole_s:.0f} s with a server, {inside_s:.0f} s without; killed when "
        f"{', '.join(map(str, course.done))} had been scored: same tables; {len(course.again)} cases sent after they "
        f"had been scored; {course.under_way} under way at a kill, {course.twice} of them answered twice\n"
    )
    return int(not course.sound(args.kills, args.streams))


if __name__ == "__main__":
    sys.exit(main())
