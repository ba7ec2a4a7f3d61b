"""Folders as other commands write them, about a small run, without the training that they would take."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from imaging.roc import Estimate
from tests.training.fitted import answers
from training.cases import read_cohort
from training.config import Purpose
from training.control import permuted_for
from training.evaluation import write_predictions, write_scores
from training.evaluation_report import write_report
from training.run import Run

SURE = asdict(Estimate(0.9, 0.85, 0.95))


def write_crossval(folder: Path, fitted: Path, repeats: bool = True, **choices: Any) -> Path:
    """As `crossval` would, had its folds answered what the run did; its choices changed as given."""
    run, _, held_out = answers(fitted)
    write_report(folder, "cnn-gap, out of fold", held_out, True, {})
    write_predictions(folder / "predictions.csv", held_out)
    spread = {"AUC over repeats": {"mean": 0.9, "sd": 0.01, "lowest": 0.88, "highest": 0.91}} if repeats else {}
    (folder / "crossval.json").write_text(json.dumps(spread))
    _write_config(folder / "fold-1", run, choices)
    return folder


def write_control(folder: Path, fitted: Path, seed: int = 0, **choices: Any) -> Path:
    """As `control` would; its choices changed as given."""
    run = Run.open(fitted)
    digest = permuted_for(read_cohort(Path(run.config.cases)), seed, 1, 1).digest
    changed = {"seed": seed, "cohort_digest": digest, "purpose": Purpose.CONTROL, **choices}
    _write_config(folder / "run-1" / "fold-1", run, changed)
    (folder / "control.json").write_text(json.dumps({"auc": asdict(Estimate(0.5, 0.45, 0.55))}))
    return folder


def write_baselines(folder: Path, fitted: Path, **changes: Any) -> Path:
    """As `baselines` would, had its features told what the run did."""
    run, _, held_out = answers(fitted)
    plain = {
        "synthetic": True,
        "cohort_digest": run.config.cohort_digest,
        "baselines": {name: {"auc": SURE} for name in ("short axis", "radiomics LR")},
        **changes,
    }
    folder.mkdir()
    (folder / "baselines.json").write_text(json.dumps(plain))
    scores = {"short axis": held_out.short_axes_mm, "radiomics LR": held_out.logits}
    write_scores(folder / "predictions.csv", held_out.cases, scores)
    return folder


def write_audit(folder: Path, fitted: Path, **changes: Any) -> Path:
    """As `audit` would."""
    wrong = asdict(Estimate(0.05, 0.02, 0.1))
    together = {"auc": SURE, "noise": {"total": wrong}}
    folder.mkdir()
    counts = {"node_count": 20, "reviewed_count": 0}
    plain = {"cohort_digest": Run.open(fitted).config.cohort_digest, **counts, "together": together, **changes}
    (folder / "audit.json").write_text(json.dumps(plain))
    return folder


def write_evidence(path: Path, fitted: Path, **changes: Any) -> Path:
    """As `evidence` would, where the maps are empty."""
    counterfactual = {"removed_above_elsewhere": SURE, "removed_above_swapped": SURE}
    plain = {
        "network_digest": Run.open(fitted).network_digest(),
        "localisation": {"all": {"lift": None, "node_count": 4, "empty_count": 4}},
        "randomisation": {"lift_above": None},
        "counterfactual": counterfactual,
        "guidance": 0.0,
        **changes,
    }
    path.write_text(json.dumps(plain))
    return path


def write_second(folder: Path, fitted: Path) -> Path:
    """The same network under another seed."""
    shutil.copytree(fitted, folder)
    run = Run.open(folder)
    (folder / "config.json").write_text(replace(run.config, seed=1).to_json())
    return folder


def _write_config(folder: Path, run: Run, choices: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(replace(run.config, **choices).to_json())
    shutil.copy(run.folder / "split.json", folder)
