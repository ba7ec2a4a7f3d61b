"""The paper's Table 3: training accuracy and test AUC of three networks, on slices split without regard to patients."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imaging.roc import Estimate, auc_with_interval
from training.config import Purpose
from training.crops import NodeCrops, load_crops
from training.errors import InvalidCases
from training.leak import as_slices, slice_splits
from training.loop import fit_network
from training.options import config_of
from training.predict import node_logits
from training.reproduction.cohort import LabelledCohort
from training.reproduction.law import observed_auc
from training.reproduction.networks import Machine, training_args
from training.reproduction.settings import TRAINING_ACCURACY, Experiment
from training.run import Run
from training.split import NAMES, Split

PART_COUNT = 10
"""One part tests, one validates, eight are learnt from."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """
    A row of the table, the paper's beside ours.

    Attributes:
        name: Of the experiment.
        paper_training_accuracy: The paper's.
        training_accuracy: Ours, after the last epoch, on the given labels.
        paper_auc: The paper's.
        given_auc: Ours on the given labels of the test slices; intervals are 95 %, from resampled patients.
        true_auc: Of the same answers on the true labels.
        predicted_auc: What the law makes of that and of the share of wrong labels among the test slices.
        wrong_share: That share.
        slice_count: Test slices.
        deviations: What is not as in the paper.
    """

    name: str
    paper_training_accuracy: float
    training_accuracy: float
    paper_auc: float
    given_auc: Estimate
    true_auc: Estimate
    predicted_auc: float
    wrong_share: float
    slice_count: int
    deviations: tuple[str, ...]


def run_experiment(experiment: Experiment, cohort: LabelledCohort, folder: Path, machine: Machine) -> dict[str, Any]:
    """
    Train as the paper did, on one slice of each node, or go on where it was stopped.

    All epochs are done, and the last one's weights count.

    Returns:
        The training accuracy, and for each test slice the ``rows`` of its table, counted from 0, and the ``logits``.

    Raises:
        InvalidRun: the folder holds another run.
        InvalidCases: too few nodes to split.
    """
    given = cohort.given
    args = training_args(given, experiment.training, folder, machine.seed, "--slices", "0")
    config = replace(config_of(args, given, given.cases), purpose=Purpose.LEAK)
    slices = as_slices(load_crops(given, config.spec, config.edge_policy))
    run = Run.start(folder, config, paper_split(slices, machine.seed))
    if not run.finished:
        fit_network(run, slices, machine.device)
    network = run.last_network().to(machine.device)
    learnt, tested = list(run.split.training), list(run.split.test)
    called = node_logits(network, slices.pixels[learnt], config.spec.aggregation) >= 0
    places = {case.row: place for place, case in enumerate(given.cases)}
    return {
        "training_accuracy": float((called == slices.labels[learnt].astype(bool)).mean()),
        "rows": [places[slices.cases[n].row] for n in tested],
        "logits": node_logits(network, slices.pixels[tested], config.spec.aggregation).tolist(),
    }


def paper_split(slices: NodeCrops, seed: int) -> Split:
    """
    Eight tenths to learn from, one to choose by, one to test on.

    Raises:
        InvalidCases: too few slices of a class.
    """
    for label, name in NAMES.items():
        count = int((slices.labels == label).sum())
        if count < PART_COUNT:
            raise InvalidCases(
                f"only {count} slice(s) are called {name}; {PART_COUNT} parts need one each at least: "
                "use more --patients"
            )
    return slice_splits(slices, PART_COUNT, seed)[0]


def row_of(experiment: Experiment, cohort: LabelledCohort, answers: dict[str, Any]) -> TableRow:
    """The row that an experiment's answers make."""
    rows, logits = answers["rows"], answers["logits"]
    given = np.array([cohort.given.cases[n].label for n in rows])
    truth, patients = cohort.labels[rows], [cohort.patients[n] for n in rows]
    wrong_share = float((given != truth).mean())
    true_auc = auc_with_interval(truth, logits, patients)
    return TableRow(
        name=experiment.name,
        paper_training_accuracy=TRAINING_ACCURACY,
        training_accuracy=answers["training_accuracy"],
        paper_auc=experiment.paper_auc,
        given_auc=auc_with_interval(given, logits, patients),
        true_auc=true_auc,
        predicted_auc=observed_auc(true_auc.value, wrong_share),
        wrong_share=wrong_share,
        slice_count=len(rows),
        deviations=experiment.training.deviations(),
    )
