"""
The leak demonstrator: the same network on slices that are split without regard to node or patient.

Slices of one node are nearly the same picture. Where some of them teach and others test, a network is rewarded for
recognising nodes; most of the high figures for lymph nodes on CT were measured so. Its runs are marked, and never
exported.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

from imaging.atomic import write_text
from imaging.roc import Estimate, auc_with_interval
from training.cases import Cohort
from training.config import Purpose
from training.crops import NodeCrops, load_crops
from training.curves import roc_figure
from training.held_out import HeldOut, answer_held_out, pooled
from training.loop import fit_network
from training.nested import Fold
from training.options import config_of
from training.report.page import write_page
from training.report.picture import Picture
from training.run import Run
from training.split import Split

TEMPLATE = Path(__file__).with_suffix(".html.j2")

WARNING = (
    "The left column is inflated by leakage: slices of one node were learnt from and tested on. "
    "Only the right column says what to expect of new patients."
)


@dataclass(frozen=True, slots=True)
class SliceResult:
    """
    What one way of splitting says about single slices.

    Attributes:
        slice_count: Slices tested.
        auc: Of slices.
        accuracy: Of slices, where a probability from .5 on is called metastatic.
        patients_learnt_from: Share of tested slices whose patient the network had learnt from.
    """

    slice_count: int
    auc: Estimate
    accuracy: float
    patients_learnt_from: float


@dataclass(frozen=True, slots=True, eq=False)
class SliceAnswers:
    """
    Answers to all slices, each by a network that did not learn from that slice.

    Attributes:
        answers: Pooled over the folds.
        patients_learnt_from: Whether the network had learnt from the patient, (slices,).
    """

    answers: HeldOut
    patients_learnt_from: tuple[bool, ...]

    def result(self) -> SliceResult:
        """The figures of one column."""
        labels, answers = self.answers.labels, self.answers
        return SliceResult(
            slice_count=len(labels),
            auc=auc_with_interval(labels, answers.logits, answers.patients),
            accuracy=float(((answers.probabilities >= 0.5) == labels.astype(bool)).mean()),
            patients_learnt_from=float(np.mean(self.patients_learnt_from)),
        )


def as_slices(crops: NodeCrops) -> NodeCrops:
    """Crops of which every slice counts as a node of its own."""
    count, per_node, rows, columns = crops.pixels.shape
    return replace(
        crops,
        pixels=crops.pixels.reshape(count * per_node, 1, rows, columns),
        node_masks=crops.node_masks.reshape(count * per_node, 1, rows, columns),
        cases=tuple(case for case in crops.cases for _ in range(per_node)),
        case_indices=np.arange(count * per_node),
        measurements=tuple(measured for measured in crops.measurements for _ in range(per_node)),
    )


def slice_splits(slices: NodeCrops, fold_count: int, seed: int) -> tuple[Split, ...]:
    """Splits of slices, stratified by label alone: each fold is the test part once, while the next one validates."""
    splitter = StratifiedKFold(fold_count, shuffle=True, random_state=seed)
    folds = [test.tolist() for _, test in splitter.split(np.zeros(len(slices.cases)), slices.labels)]
    splits = []
    for number, test in enumerate(folds):
        validation = folds[(number + 1) % fold_count]
        training = sorted(set(range(len(slices.cases))) - set(test) - set(validation))
        splits.append(Split(tuple(training), tuple(validation), tuple(test)))
    return tuple(splits)


def split_by_slice(args: argparse.Namespace, cohort: Cohort, device: torch.device, fold_count: int) -> SliceAnswers:
    """
    Cross-validate over slices, in ``slice-split`` of the folder; finished folds are not trained again.

    Raises:
        InvalidCases: the cases cannot be read.
        InvalidRun: a folder holds another run.
    """
    config = replace(config_of(args, cohort, cohort.cases), purpose=Purpose.LEAK)
    slices = as_slices(load_crops(cohort, config.spec, config.edge_policy, args.cache))
    answered = []
    for number, split in enumerate(slice_splits(slices, fold_count, args.seed), start=1):
        run = Run.start(args.out / "slice-split" / f"fold-{number}", config, split)
        if not run.finished:
            fit_network(run, slices, device, args.weights)
        answered.append(_answered(run, slices))
    return _joined(answered)


def split_by_patient(folds: Sequence[Fold]) -> SliceAnswers:
    """The answers of an honest cross-validation, slice by slice."""
    answered = []
    for fold in folds:
        [run], per_node = fold.runs, fold.crops.pixels.shape[1]
        rows = fold.crops.rows_of(run.split)
        training, validation, test = (
            tuple(row * per_node + n for row in part for n in range(per_node))
            for part in (rows.training, rows.validation, rows.test)
        )
        answered.append(_answered(replace(run, split=Split(training, validation, test)), as_slices(fold.crops)))
    return _joined(answered)


def write_leak(out: Path, network: str, by_slice: SliceAnswers, by_patient: SliceAnswers, synthetic: bool) -> str:
    """Write ``leak.json`` and ``leak.html``; both columns as a Markdown table."""
    both = (by_slice, by_patient)
    left, right = (each.result() for each in both)
    columns = {"split by slice (leaks)": asdict(left), "split by patient": asdict(right)}
    figures = {**columns, "warning": WARNING, "synthetic": synthetic}
    write_text(out / "leak.json", json.dumps(figures, indent=1) + "\n")
    title = f"{network}, single slices{' (SYNTHETIC phantoms)' if synthetic else ''}"
    curves = {name: (each.answers.labels, each.answers.logits) for name, each in zip(columns, both, strict=True)}
    roc = Picture.of(roc_figure(curves, title, of=", of slices"), "ROC curves of both ways of splitting")
    rows = _rows(left, right)
    write_page(out / "leak.html", TEMPLATE, synthetic, network=network, rows=rows, warning=WARNING, roc=roc)
    lines = ["| of single slices | split by slice (leaks) | split by patient |", "|---|---|---|"]
    lines += [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([*lines, "", WARNING]) + "\n"


def _rows(by_slice: SliceResult, by_patient: SliceResult) -> list[tuple[str, str, str]]:
    """Name, left and right cell of each row."""
    cells = {
        "slices tested": [str(each.slice_count) for each in (by_slice, by_patient)],
        "AUC (95 % interval)": [str(each.auc) for each in (by_slice, by_patient)],
        "accuracy": [f"{each.accuracy:.3f}" for each in (by_slice, by_patient)],
        "tested slices whose patient was learnt from": [
            f"{each.patients_learnt_from:.0%}" for each in (by_slice, by_patient)
        ],
    }
    return [(name, left, right) for name, (left, right) in cells.items()]


def _answered(run: Run, slices: NodeCrops) -> SliceAnswers:
    answers = answer_held_out(run, slices)
    learnt_from = {slices.cases[row].patient for row in run.split.training}
    return SliceAnswers(answers, tuple(patient in learnt_from for patient in answers.patients))


def _joined(answered: Sequence[SliceAnswers]) -> SliceAnswers:
    known = tuple(known for each in answered for known in each.patients_learnt_from)
    return SliceAnswers(pooled([each.answers for each in answered]), known)
