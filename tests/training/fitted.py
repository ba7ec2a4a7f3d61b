"""A small run that is finished."""

from pathlib import Path

from tests.training.cohorts import write_cohort
from training.cases import read_cohort
from training.crops import NodeCrops, load_crops
from training.held_out import HeldOut, answer_held_out
from training.main import main
from training.run import Run

OPTIONS = ["--input-px", "32", "--side-mm", "24", "--batch", "4", "--threads", "1", "--epochs", "4"]


def fit_run(folder: Path) -> Path:
    """Fit `cnn-gap` on a cohort of its own; the run's folder."""
    table = write_cohort(folder / "cohort", patient_count=20)
    assert 0 == main(["fit", "--cases", str(table), "--network", "cnn-gap", "--out", str(folder / "run"), *OPTIONS])
    return folder / "run"


def answers(folder: Path) -> tuple[Run, NodeCrops, HeldOut]:
    """A run, its cohort's crops, and what its network says about its test part."""
    run = Run.open(folder)
    crops = load_crops(read_cohort(folder.parent / "cohort" / "cases.csv"), run.config.spec, run.config.edge_policy)
    return run, crops, answer_held_out(run, crops)
