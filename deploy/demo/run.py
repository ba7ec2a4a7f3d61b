"""
The demonstration: phantoms, training, export, a server, scores through gRPC, and a report.

``python -m deploy.demo.run --out demo`` makes ``demo/report.html``. It runs the same commands as a user would.
"""

import argparse
import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.report import REPORT, Scan, write_report

ROOT = Path(__file__).parents[2]
NETWORKS = ("cnn-gap", "cnn")
SEED = 7
LEARNING = ("--input-px", "48", "--side-mm", "30", "--learning-rate", "0.001", "--augment", "--stop-on", "loss")
"""Small crops, on which networks learn in minutes."""

PRESET = "easy"
"""Of the phantoms: the classes differ more than the literature says, so that few nodes are enough to learn from."""


@dataclass(frozen=True, slots=True)
class Study:
    """A CT with its mask, and how it is told about."""

    name: str
    title: str
    origin: str
    image: Path
    mask: Path
    options: tuple[str, ...]


@dataclass(slots=True)
class Demonstration:
    """One run: where it writes, and the commands it ran."""

    out: Path
    commands: list[str] = field(default_factory=list)

    def run(self, *words: str | Path) -> None:
        """Run one of our console scripts, shown to the user; stop where it fails."""
        line = list(map(str, words))
        self.tell(shlex.join(line))
        subprocess.run([str(Path(sys.executable).parent / line[0]), *line[1:]], check=True)

    def tell(self, command: str) -> None:
        """Show a command and remember it for the report."""
        self.commands.append(command)
        sys.stdout.write(f"\n$ {command}\n")
        sys.stdout.flush()

    @contextmanager
    def server(self, models: Path) -> Iterator[str]:
        """A running server; its address."""
        words = ["nodelens-serve", "--models", str(models), "--listen", "127.0.0.1:0", "--metrics-port", "0"]
        words.append("--allow-research")  # A model of phantoms never passes its gates.
        self.tell(shlex.join(words))
        script = str(Path(sys.executable).parent / words[0])
        with (
            (self.out / "server.log").open("w") as log,
            subprocess.Popen([script, *words[1:]], stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            assert process.stdout is not None
            first = process.stdout.readline()
            if not first.startswith("listening on "):
                raise SystemExit(f"the server did not start; see {log.name}")
            try:
                yield first.split()[-1]
            finally:
                process.terminate()


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder to write; what it held is replaced")
    parser.add_argument("--patients", type=int, default=160, help="phantom patients")
    parser.add_argument("--epochs", type=int, default=40, help="epochs of each network")
    args = parser.parse_args()
    start = time.monotonic()
    if args.out.exists():
        shutil.rmtree(args.out)
    args.out.mkdir(parents=True)
    demonstration = Demonstration(args.out)
    train(demonstration, args.patients, args.epochs)
    scans = score(demonstration)
    page = write_report(args.out, NETWORKS, scans, demonstration.commands, (time.monotonic() - start) / 60)
    sys.stdout.write(f"\nOpen {page}\n")


def train(demonstration: Demonstration, patients: int, epochs: int) -> None:
    """Make the cohort, then fit, evaluate and export each network."""
    out = demonstration.out
    cohort = ("--patients", str(patients), "--preset", PRESET, "--seed", str(SEED))
    demonstration.run("nodelens-train", "phantom", out / "cohort", *cohort)
    for network in NETWORKS:
        run = out / "runs" / network
        cases = ("--cases", out / "cohort" / "cases.csv", "--network", network, "--out", run)
        demonstration.run("nodelens-train", "fit", *cases, "--epochs", str(epochs), "--seed", str(SEED), *LEARNING)
        demonstration.run("nodelens-train", "evaluate", run)
        demonstration.run("nodelens-train", "export", run, "--models", out / "models")


def score(demonstration: Demonstration) -> list[Scan]:
    """Score some CTs with each network through gRPC."""
    scans = []
    with demonstration.server(demonstration.out / "models") as address:
        for study in [*phantoms(demonstration.out), *real_abdomens()]:
            folders = {network: demonstration.out / "scores" / study.name / network for network in NETWORKS}
            for network, folder in folders.items():
                images = (study.image, study.mask, *study.options)
                outputs = ("--out", folder, "--report", folder / REPORT)
                demonstration.run("nodelens-score", *images, "--server", address, "--model", network, *outputs)
            scans.append(Scan(study.title, study.origin, folders))
    return scans


def phantoms(out: Path) -> list[Study]:
    """Two phantom patients whom no network was fitted on."""
    split = json.loads((out / "runs" / NETWORKS[0] / "split.json").read_text())
    cohort = out / "cohort"
    with (cohort / "cases.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    unseen = sorted({rows[index]["patient"] for index in split["test"]})[:2]
    studies = []
    for patient in unseen:
        [first, *_] = mine = [row for row in rows if row["patient"] == patient]
        truth = ", ".join(f"node {row['node']} {'metastatic' if row['label'] == '1' else 'benign'}" for row in mine)
        studies.append(
            Study(
                f"phantom-{patient}",
                f"Phantom {patient}, which no network was trained on",
                f"Synthetic. Drawn as: {truth}.",
                cohort / first["image"],
                cohort / first["mask"],
                ("--separation", "labels"),
            )
        )
    return studies


def real_abdomens() -> list[Study]:
    """Two real CTs whose organs stand in for nodes, where there are any on this machine."""
    data = Path(os.environ.get("NODELENS_REAL_DATA", ROOT.parent / "shared" / "data")) / "abdomen-ct"
    if not data.is_dir():
        sys.stdout.write("\nno real CT here (set NODELENS_REAL_DATA to score two abdomens as well)\n")
        return []
    origin = "A real CT (TotalSegmentator, Apache-2.0), but {} stand in for nodes: the probabilities mean nothing."
    return [
        Study(
            "abdomen-dicom",
            "Real abdomen, DICOM series",
            origin.format("the right adrenal gland (8) and the inferior vena cava (63)"),
            data / "dicom",
            data / "example_seg_dicom.nii.gz",
            ("--separation", "labels", "--labels", "8,63"),
        ),
        Study(
            "abdomen-nifti",
            "Real abdomen, NIfTI, 3 mm",
            origin.format("both adrenal glands (8, 9)"),
            data / "example_ct.nii.gz",
            data / "example_seg_fast_force_split.nii.gz",
            ("--separation", "labels", "--labels", "8,9"),
        ),
    ]


if __name__ == "__main__":
    main()
