"""A cohort of phantoms on disk."""

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from imaging.files import write_image
from training.cases import COHORT_FILE
from training.cases import COLUMNS as CASE_COLUMNS
from training.errors import InvalidOptions
from training.phantoms.latents import COLUMNS as LATENT_COLUMNS
from training.phantoms.latents import Latents, ideal_auc
from training.phantoms.patient import PhantomPatient, draw_patient

LEAST_PATIENTS = 10
"""Fewer cannot be split into training, validation and test with both classes in each."""

Row = dict[str, object]


def write_cohort(out: Path, patient_count: int, seed: int) -> dict[str, object]:
    """
    Write images, masks, ``cases.csv``, ``latents.csv`` and ``cohort.json``; all of them, or nothing.

    Returns:
        What ``cohort.json`` says: counts, and the AUC of the ideal observer in theory and on these very nodes.

    Raises:
        InvalidOptions: too few patients, or the folder exists.
    """
    if patient_count < LEAST_PATIENTS:
        raise InvalidOptions(f"--patients {patient_count}: at least {LEAST_PATIENTS} are needed to split a cohort")
    if out.exists():
        raise InvalidOptions(f"{out} exists; choose another folder or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        cases, latents = _write_patients(draft, patient_count, seed)
        facts = _facts(latents, patient_count, seed)
        _write_table(draft / "cases.csv", CASE_COLUMNS, cases)
        _write_table(draft / "latents.csv", ("patient", "node", *LATENT_COLUMNS), latents)
        (draft / COHORT_FILE).write_text(json.dumps(facts, indent=1) + "\n")
        draft.chmod(0o755)
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return facts


def _write_patients(folder: Path, count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Write all patients; the rows of both tables."""
    for name in ("images", "masks"):
        (folder / name).mkdir()
    cases: list[Row] = []
    latents: list[Row] = []
    for number in tqdm(range(1, count + 1), desc="phantoms", unit="patient"):
        patient, name = draw_patient(seed, number), f"p{number:04d}"
        image, mask = f"images/{name}.nii.gz", f"masks/{name}.nii.gz"
        _write_images(folder, patient, image, mask)
        for node, truth in enumerate(patient.latents, start=1):
            row = {"image": image, "mask": mask, "node": node, "patient": name, "label": int(truth.metastatic)}
            cases.append(row)
            latents.append({"patient": name, "node": node, **asdict(truth)})
    return cases, latents


def _write_images(folder: Path, patient: PhantomPatient, image: str, mask: str) -> None:
    write_image(folder / image, patient.volume.hu, patient.volume.geometry)
    write_image(folder / mask, patient.mask.labels, patient.mask.geometry)


def _facts(latents: list[Row], patient_count: int, seed: int) -> dict[str, object]:
    nodes = [Latents(**{name: row[name] for name in LATENT_COLUMNS}) for row in latents]  # type: ignore[arg-type]
    labels = [node.metastatic for node in nodes]
    here = roc_auc_score(labels, [node.log_likelihood_ratio for node in nodes]) if len(set(labels)) > 1 else None
    return {
        "synthetic": True,
        "patients": patient_count,
        "seed": seed,
        "nodes": len(nodes),
        "metastatic_nodes": sum(labels),
        "ideal_auc": round(ideal_auc(), 4),
        "ideal_auc_here": None if here is None else round(float(here), 4),
    }


def _write_table(path: Path, columns: Iterable[str], rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(rows)
