"""``nodelens-train export``: a trained network as a model file for the service."""

import argparse
import sys
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path

from imaging.manifest import Gate, Manifest, Metric, TrainingData
from training.crops import NodeCrops
from training.errors import InvalidOptions
from training.evaluate import run_crops, write_evaluation
from training.evaluation import Evaluation
from training.held_out import HeldOut, answer_held_out
from training.onnx_file import write_model
from training.roc import CONFIDENCE, Estimate
from training.run import Run

HELP = "Write a run's network as MODELS/NAME/VERSION/model.onnx, with all that the service must know about it"

FILE_NAME = "model.onnx"
CHANCE = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder that `fit` wrote")
    parser.add_argument("--models", type=Path, required=True, metavar="DIR", help="the service's folder of models")
    parser.add_argument("--name", help="default: the network's")
    parser.add_argument("--version", type=int, metavar="N", help="default: the next that is free")
    parser.add_argument("--licence", default="Apache-2.0", help="of the weights; default: %(default)s")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")


def run(args: argparse.Namespace) -> None:
    """
    Evaluate, then write the file; it is compared with the network on the test part's crops.

    Raises:
        InvalidRun: there is no finished run, or its cases have changed.
        InvalidOptions: name or version cannot be taken.
        ExportMismatch: the file answers differently from the network.
    """
    fitted = Run.open(args.run_folder)
    name = args.name or fitted.config.network
    number, path = _place(args.models, name, args.version)
    crops = run_crops(fitted, args.cache)
    held_out = answer_held_out(fitted, crops)
    evaluation = write_evaluation(fitted, held_out).evaluation
    manifest = _manifest(fitted, name, number, held_out, evaluation, _training_data(fitted, crops), args.licence)
    test = crops.pixels[list(crops.rows(fitted.split.test))]
    write_model(fitted.network(), manifest, test.reshape(-1, 1, *test.shape[2:]), path)
    sys.stdout.write(f"{path}: {name} version {number}, compared with the network on {len(test)} held-out nodes\n")
    for gate in manifest.gates:
        verdict = "passed" if gate.passed else "NOT PASSED"
        sys.stdout.write(f"gate {verdict}: {gate.name}: {Estimate(gate.value, gate.lower, gate.upper)}\n")


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


def _training_data(fitted: Run, crops: NodeCrops) -> TrainingData:
    learnt = [crops.cases[row] for row in crops.rows(fitted.split.training)]
    return TrainingData(
        digest=fitted.config.cohort_digest,
        synthetic=fitted.config.synthetic,
        patient_count=len({case.patient for case in learnt}),
        node_count=len(learnt),
    )


def _manifest(
    fitted: Run,
    name: str,
    number: int,
    held_out: HeldOut,
    evaluation: Evaluation,
    training_data: TrainingData,
    licence: str,
) -> Manifest:
    return Manifest(
        name=name,
        version=number,
        network=fitted.config.network,
        preprocessing=fitted.config.spec,
        heatmap=fitted.network().heatmap_grid,
        calibration=held_out.calibration,
        operating_point=held_out.operating_point,
        training_data=training_data,
        metrics=_metrics(evaluation),
        gates=_gates(evaluation),
        golden_digest="",
        licence=licence,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=installed_version("nodelens"),
    )


def _metrics(evaluation: Evaluation) -> tuple[Metric, ...]:
    data = f"{evaluation.node_count} nodes of {evaluation.patient_count} held-out patients"
    data += ", synthetic phantoms" if evaluation.synthetic else ""
    named = {"auc": evaluation.auc, "auc of size alone": evaluation.size_auc}
    return tuple(Metric(name, e.value, e.lower, e.upper, CONFIDENCE, data) for name, e in named.items())


def _gates(evaluation: Evaluation) -> tuple[Gate, ...]:
    """A network must be better than chance and than size alone, by the lower end of the interval."""
    asked = {
        "AUC on held-out patients above chance": (evaluation.auc, CHANCE),
        "AUC on held-out patients above that of size alone": (evaluation.auc_above_size, 0.0),
    }
    return tuple(
        Gate(name, e.value, e.lower, e.upper, threshold, passed=e.lower > threshold)
        for name, (e, threshold) in asked.items()
    )
