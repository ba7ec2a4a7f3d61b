"""Folders that `crossval` and `baselines` finished, as others read them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imaging.file_digest import file_digest
from training.errors import InvalidCases, InvalidRun
from training.labels.auditors import NodeName, answered_rows
from training.run import Run

PREDICTIONS = "predictions.csv"
BASELINES = "baselines.json"

RUNS = ("fold-*", "fold-*/inner-*", "repeat-*/fold-*", "repeat-*/fold-*/inner-*")
"""Where a cross-validation keeps its runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """
    Answers to nodes, each by what never saw its patient, and how they were come by.

    Attributes:
        name: Of the folder, or as it was called.
        cohort_digest: Of the cases and labels that it is about.
        synthetic: True for phantoms.
        labels: 1 metastatic, 0 benign, by node.
        scores: By name, of each node; the name of the only score of a network is that of the folder.
        choices: Of the trainings, in words; None where no network was trained.
        digest: SHA-256 of the table of predictions.
    """

    name: str
    cohort_digest: str
    synthetic: bool
    labels: Mapping[NodeName, int]
    scores: Mapping[str, Mapping[NodeName, float]]
    choices: Mapping[str, str] | None
    digest: str


def read_finished(words: str) -> Finished:
    """
    Read a folder, given as ``DIR`` or ``NAME=DIR``; a path may have ``=`` in it.

    Raises:
        InvalidRun: it holds neither, is not finished, or is a control.
        InvalidCases: its table of predictions is damaged.
    """
    called, equals, given = words.partition("=")
    named = bool(called and equals) and not Path(words).is_dir()
    folder = Path(given if named else words)
    name = called if named else folder.resolve().name
    if not (folder / PREDICTIONS).is_file():
        raise InvalidRun(f"{folder} holds no finished cross-validation and no baselines; run one of them there first")
    return _baselines(folder, name) if (folder / BASELINES).is_file() else _crossval(folder, name)


def first_run(folder: Path) -> Run:
    """
    The first run of a cross-validation, which tells what all have in common.

    Raises:
        InvalidRun: there is none.
    """
    fold = folder / "fold-1"
    return Run.open(fold / "inner-1" if (fold / "inner-1").is_dir() else fold)


def runs_of(folder: Path) -> list[Run]:
    """
    All runs of a cross-validation.

    Raises:
        InvalidRun: one of them is damaged.
    """
    return [Run.open(path.parent) for pattern in RUNS for path in sorted(folder.glob(f"{pattern}/config.json"))]


def _crossval(folder: Path, name: str) -> Finished:
    first = first_run(folder)
    first.require_model()
    labels, scores = _answers(folder / PREDICTIONS, None)
    config, digest = first.config, file_digest(folder / PREDICTIONS)
    return Finished(name, config.cohort_digest, config.synthetic, labels, {name: scores}, _choices(folder), digest)


def _baselines(folder: Path, name: str) -> Finished:
    try:
        plain = json.loads((folder / BASELINES).read_text(encoding="utf-8"))
        names, cohort, synthetic = list(plain["baselines"]), str(plain["cohort_digest"]), bool(plain["synthetic"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRun(f"{folder / BASELINES} is damaged, or older than this release; write it again") from error
    answers = {each: _answers(folder / PREDICTIONS, each) for each in names}
    scores = {each: found for each, (_, found) in answers.items()}
    labels = answers[names[0]][0]
    return Finished(name, cohort, synthetic, labels, scores, None, file_digest(folder / PREDICTIONS))


def _answers(path: Path, column: str | None) -> tuple[dict[NodeName, int], dict[NodeName, float]]:
    """Label and score of each node; the mean score where it was answered several times."""
    labels: dict[NodeName, int] = {}
    scores: dict[NodeName, list[float]] = {}
    for number, node, label, score in answered_rows(path, column):
        if label not in ("0", "1") or labels.setdefault(node, int(label)) != int(label):
            raise InvalidCases(f"{path}, row {number}: {label!r} is no label, or another than in an earlier row")
        scores.setdefault(node, []).append(score)
    return labels, {node: float(np.mean(each)) for node, each in scores.items()}


def _choices(folder: Path) -> dict[str, str]:
    """What the runs of a cross-validation were told, by choice; the values where they differ."""
    runs = runs_of(folder)
    found: dict[str, list[str]] = {}
    for run in runs:
        for choice, value in _said(run):
            if value not in found.setdefault(choice, []):
                found[choice].append(value)
    return {"trainings": str(len(runs)), **{choice: ", ".join(values) for choice, values in found.items()}}


def _said(run: Run) -> Iterator[tuple[str, str]]:
    config, spec = run.config, run.config.spec
    yield "network", config.network
    yield "window in HU", f"{spec.window.lower_hu:g} to {spec.window.upper_hu:g}"
    yield "input in pixels", " × ".join(map(str, spec.input_shape_px))
    yield "side in mm", f"{spec.side_mm:g}"
    yield "slices", " ".join(map(str, spec.slice_offsets))
    yield "epochs at most", str(config.epoch_count)
    yield "batch", str(config.batch_size)
    yield "learning rate", f"{config.learning_rate:g}"
    yield "augmented", "yes" if config.augmented else "no"
    yield "pretrained", "yes" if config.weights_sha256 else "no"
    yield "guided", "yes" if config.guidance > 0 else "no"
