"""A trained network that is to become a model file."""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path

from imaging.manifest import Gate, Manifest, Metric, TrainingData
from imaging.roc import CONFIDENCE, Estimate
from training.cases import Cohort
from training.crops import NodeCrops, load_crops
from training.errors import InvalidOptions
from training.evaluate import run_cohort, write_evaluation
from training.evaluation import Evaluation
from training.held_out import HeldOut, answer_held_out
from training.onnx_file import Traced, traced
from training.release.distribution import training_distribution
from training.release.facts import Facts, Own
from training.run import Run
from training.split import crossing_duplicates, crossing_patients

FILE_NAME = "model.onnx"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """
    A finished run, measured and compared with its graph, and the place of its file.

    Attributes:
        run: The run.
        name: Of the model.
        version: Of the model.
        licence: Of the weights.
        path: Where the file will be.
        cohort: What the run learnt from and was tested on.
        crops: Of the cohort.
        held_out: The network's answers to its test part.
        evaluation: Of those.
        graph: The network, compared on all crops of the test part.
    """

    run: Run
    name: str
    version: int
    licence: str
    path: Path
    cohort: Cohort
    crops: NodeCrops
    held_out: HeldOut
    evaluation: Evaluation
    graph: Traced

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Candidate":
        """
        Open, measure and trace a run; its ``evaluation.json`` and the like are written anew.

        Raises:
            InvalidRun: there is no finished run, it is no model's, or its cases have changed.
            InvalidOptions: name or version cannot be taken.
            ExportMismatch: the graph answers differently from the network.
        """
        run = Run.open(args.run_folder)
        name = args.name or run.config.network
        number, path = _place(args.models, name, args.version)
        cohort = run_cohort(run)
        crops = load_crops(cohort, run.config.spec, run.config.edge_policy, args.cache)
        held_out = answer_held_out(run, crops)
        evaluation = write_evaluation(run, held_out).evaluation
        test = crops.pixels[list(crops.rows(run.split.test))]
        graph = traced(run.network(), test.reshape(-1, 1, *test.shape[2:]))
        return cls(run, name, number, args.licence, path, cohort, crops, held_out, evaluation, graph)

    def own(self) -> Own:
        """What it tells of itself."""
        config, rows = self.run.config, self.crops.rows_of(self.run.split)
        return Own(
            crossing_patients=len(crossing_patients(self.cohort.cases, self.run.split)),
            crossing_duplicates=len(crossing_duplicates(self.crops.cases, rows, self.crops.pixels)),
            phantoms=len({case.patient for case in self.cohort.cases}) if config.synthetic else 0,
            auc=self.evaluation.auc,
            node_count=len(rows.test),
            probability_difference=self.graph.probability_difference,
            heatmap_difference=self.graph.heatmap_difference,
            labels=None if config.labels is None else Path(config.labels).name,
        )

    def manifest(self, facts: Facts, gates: tuple[Gate, ...]) -> Manifest:
        """All that the service must know."""
        config = self.run.config
        rows = self.crops.rows(self.run.split.training).tolist()
        learnt = [self.crops.cases[row] for row in rows]
        return Manifest(
            name=self.name,
            version=self.version,
            network=config.network,
            preprocessing=config.spec,
            heatmap=self.run.network().heatmap_grid,
            calibration=self.held_out.calibration,
            operating_point=self.held_out.operating_point,
            training_data=TrainingData(
                digest=config.cohort_digest,
                synthetic=config.synthetic,
                patient_count=len({case.patient for case in learnt}),
                node_count=len(learnt),
                distribution=training_distribution(self.crops, rows, self.held_out.probabilities.tolist()),
            ),
            metrics=_metrics(self.evaluation, facts),
            gates=gates,
            golden_digest="",
            licence=self.licence,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            code_version=installed_version("nodelens"),
        )


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Declare what all commands that write a model file have in common."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `fit` wrote")
    parser.add_argument("--models", type=Path, required=True, metavar="DIR", help="the service's folder of models")
    parser.add_argument("--name", help="default: the network's")
    parser.add_argument("--version", type=int, metavar="N", help="default: the next that is free")
    parser.add_argument("--licence", default="Apache-2.0", help="of the weights; default: %(default)s")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")


def _place(models: Path, name: str, version: int | None) -> tuple[int, Path]:
    """Version and file of a new model."""
    if not name or name != Path(name).name or name.startswith("."):
        raise InvalidOptions(f"--name {name!r}: must be a plain folder name")
    taken = [int(folder.name) for folder in (models / name).glob("*") if folder.name.isdigit()]
    number = max(taken, default=0) + 1 if version is None else version
    if number < 1:
        raise InvalidOptions(f"--version {number}: versions count from 1")
    path = models / name / str(number) / FILE_NAME
    if path.exists():
        raise InvalidOptions(f"{path} exists; a version is never overwritten, leave --version out")
    return number, path


def _metrics(evaluation: Evaluation, facts: Facts) -> tuple[Metric, ...]:
    phantoms = ", synthetic phantoms" if evaluation.synthetic else ""
    data = f"{evaluation.node_count} nodes of {evaluation.patient_count} held-out patients{phantoms}"
    metrics = [
        _metric("auc", evaluation.auc, data),
        _metric("auc of size alone", evaluation.size_auc, data),
        _metric("auc of short axis alone", evaluation.short_axis_auc, data),
    ]
    found = facts.out_of_fold
    if found is not None:
        data = f"{found.node_count} nodes of {found.patient_count} patients, out of fold{phantoms}"
        metrics += [
            _metric("out-of-fold auc", found.auc, data),
            _metric("out-of-fold auc of size alone", found.size_auc, data),
            _metric("out-of-fold auc of short axis alone", found.short_axis_auc, data),
            _metric("out-of-fold sensitivity", found.sensitivity, data),
            _metric("out-of-fold specificity", found.specificity, data),
        ]
    if facts.baselines is not None:
        data = f"all nodes, out of fold{phantoms}"
        metrics += [_metric(f"out-of-fold auc of {name}", e, data) for name, e in facts.baselines.aucs.items()]
    return tuple(metrics)


def _metric(name: str, estimate: Estimate, data: str) -> Metric:
    return Metric(name, estimate.value, estimate.lower, estimate.upper, CONFIDENCE, data)
