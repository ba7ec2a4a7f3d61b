"""A cohort of phantoms on disk."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from imaging.files import write_image
from training.cases import COHORT_FILE
from training.cases import COLUMNS as CASE_COLUMNS
from training.errors import InvalidOptions
from training.phantoms.folder import new_folder, write_table
from training.phantoms.ideal import ideal_auc, log_likelihood_ratio, sampled_ratios
from training.phantoms.label_noise import LabelNoise, flips
from training.phantoms.latents import Latents
from training.phantoms.patient import PhantomPatient, draw_patient
from training.phantoms.presets import LITERATURE, Preset
from training.phantoms.shortcuts import Shortcut

LEAST_PATIENTS = 10
"""Fewer cannot be split into training, validation and test with both classes in each."""

SAMPLE_COUNT = 100_000
"""Nodes over which the mean rate of label noise near the boundary is as asked."""

LEDGERS = {"latents": "latents.csv", "labels": "truth.csv", "shortcut": "shortcuts.csv"}
"""Tables of what a cohort's ``cases.csv`` does not say; the last stands only where there is a shortcut."""


@dataclass(frozen=True, slots=True)
class CohortNode:
    """
    One node of a cohort, and all that is known about it.

    Attributes:
        patient: Whose it is.
        node: Its value in the mask.
        latents: Its features.
        log_likelihood_ratio: What the ideal observer reads.
        cue: Whether it shows the shortcut's cue.
    """

    patient: str
    node: int
    latents: Latents
    log_likelihood_ratio: float
    cue: bool


def write_cohort(
    out: Path,
    patient_count: int,
    seed: int,
    preset: Preset = LITERATURE,
    shortcut: Shortcut | None = None,
    label_noise: LabelNoise | None = None,
) -> dict[str, object]:
    """
    Write images, masks, ``cases.csv``, the ledgers and ``cohort.json``; all of them, or nothing.

    The labels in ``cases.csv`` are the given ones; ``truth.csv`` has the true ones beside them, row by row.

    Returns:
        What ``cohort.json`` says: counts, what was done to the labels and images, and the AUC of the ideal observer
        in theory and on these very nodes; both by the true labels.

    Raises:
        InvalidOptions: too few patients, or the folder exists.
    """
    if patient_count < LEAST_PATIENTS:
        raise InvalidOptions(f"--patients {patient_count}: at least {LEAST_PATIENTS} are needed to split a cohort")
    with new_folder(out) as draft:
        nodes = _write_patients(draft, patient_count, seed, preset, shortcut)
        flipped = _flips(nodes, label_noise, seed, preset)
        _write_tables(draft, nodes, flipped, shortcut)
        facts = {
            "synthetic": True,
            "preset": preset.name,
            "patients": patient_count,
            "seed": seed,
            **_counts(nodes, preset),
            "label_noise": str(label_noise) if label_noise else None,
            "flipped_labels": sum(flipped),
            "shortcut": str(shortcut) if shortcut else None,
            "ledgers": {name: file for name, file in LEDGERS.items() if (draft / file).is_file()},
        }
        (draft / COHORT_FILE).write_text(json.dumps(facts, indent=1) + "\n")
    return facts


def image_name(patient: str) -> str:
    """The file of a patient's CT, from the cohort's folder."""
    return f"images/{patient}.nii.gz"


def mask_name(patient: str) -> str:
    """The file of a patient's mask, from the cohort's folder."""
    return f"masks/{patient}.nii.gz"


def _write_patients(folder: Path, count: int, seed: int, preset: Preset, shortcut: Shortcut | None) -> list[CohortNode]:
    """Write all patients' images and masks."""
    for name in ("images", "masks"):
        (folder / name).mkdir()
    nodes: list[CohortNode] = []
    for number in tqdm(range(1, count + 1), desc="phantoms", unit="patient"):
        patient, name = draw_patient(seed, number, preset, shortcut), f"p{number:04d}"
        write_image(folder / image_name(name), patient.volume.hu, patient.volume.geometry)
        write_image(folder / mask_name(name), patient.mask.labels, patient.mask.geometry)
        nodes += _nodes(name, patient, preset)
    return nodes


def _nodes(name: str, patient: PhantomPatient, preset: Preset) -> list[CohortNode]:
    return [
        CohortNode(name, node, latents, log_likelihood_ratio(latents, preset), cue)
        for node, (latents, cue) in enumerate(zip(patient.latents, patient.cues, strict=True), start=1)
    ]


def _flips(nodes: list[CohortNode], noise: LabelNoise | None, seed: int, preset: Preset) -> list[bool]:
    """Which nodes' labels go wrong; over the preset's nodes, not over these, the rates are as asked."""
    if noise is None:
        return [False] * len(nodes)
    labels, patients = [node.latents.metastatic for node in nodes], [node.patient for node in nodes]
    ratios = [node.log_likelihood_ratio for node in nodes]
    flipped = flips(noise, labels, patients, ratios, seed, population=sampled_ratios(preset, SAMPLE_COUNT))
    return [bool(wrong) for wrong in flipped]


def _write_tables(folder: Path, nodes: list[CohortNode], flipped: list[bool], shortcut: Shortcut | None) -> None:
    cases, latents, labels, cues = [], [], [], []
    for node, wrong in zip(nodes, flipped, strict=True):
        key = {"patient": node.patient, "node": node.node}
        true = int(node.latents.metastatic)
        given = 1 - true if wrong else true
        cases.append({"image": image_name(node.patient), "mask": mask_name(node.patient), **key, "label": given})
        latents.append({**key, **asdict(node.latents), "log_likelihood_ratio": node.log_likelihood_ratio})
        labels.append({**key, "label_true": true, "label_given": given, "flipped": int(wrong)})
        cues.append(
            {**key, "label_true": true, "cue": int(node.cue), "agrees": int(node.cue == node.latents.metastatic)}
        )
    write_table(folder / "cases.csv", CASE_COLUMNS, cases)
    for ledger, rows in (("latents", latents), ("labels", labels), ("shortcut", cues if shortcut else [])):
        if rows:
            write_table(folder / LEDGERS[ledger], rows[0], rows)


def _counts(nodes: list[CohortNode], preset: Preset) -> dict[str, object]:
    labels = [node.latents.metastatic for node in nodes]
    ratios = [node.log_likelihood_ratio for node in nodes]
    here = float(roc_auc_score(labels, ratios)) if len(set(labels)) > 1 else None
    return {
        "nodes": len(nodes),
        "metastatic_nodes": sum(labels),
        "ideal_auc": round(ideal_auc(preset), 4),
        "ideal_auc_here": None if here is None else round(here, 4),
    }
