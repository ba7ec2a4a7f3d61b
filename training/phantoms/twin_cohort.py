"""Twins on disk."""

import json
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from imaging.files import write_image
from training.cases import COHORT_FILE
from training.errors import InvalidOptions
from training.evidence.twin_crops import KINDS, TWINS_FILE
from training.phantoms.folder import new_folder, write_table
from training.phantoms.ideal import log_likelihood_ratio
from training.phantoms.presets import LITERATURE, Preset
from training.phantoms.twins import Twins, draw_twins

COLUMNS = ("twins", "mask", "node", *KINDS)
"""The last three name a CT each, which the mask fits."""


def write_twins(out: Path, count: int, seed: int, preset: Preset = LITERATURE) -> dict[str, object]:
    """
    Write three CTs and a mask of each, ``twins.csv``, ``latents.csv`` and ``cohort.json``; all of them, or nothing.

    Returns:
        What ``cohort.json`` says.

    Raises:
        InvalidOptions: no twins are asked for, or the folder exists.
    """
    if count < 1:
        raise InvalidOptions(f"--twins {count}: at least 1 is needed")
    rows: list[dict[str, object]] = []
    latents: list[dict[str, object]] = []
    facts: dict[str, object] = {"synthetic": True, "preset": preset.name, "twins": count, "seed": seed}
    with new_folder(out) as draft:
        for name in ("images", "masks"):
            (draft / name).mkdir()
        for number in tqdm(range(1, count + 1), desc="twins", unit="three"):
            twins, name = draw_twins(seed, number, preset), f"t{number:04d}"
            rows.append(_write_images(draft, twins, name))
            latents += [
                {"twins": name, "node": 1, **asdict(one), "log_likelihood_ratio": log_likelihood_ratio(one, preset)}
                for one in twins.latents
            ]
        write_table(draft / TWINS_FILE, COLUMNS, rows)
        write_table(draft / "latents.csv", latents[0], latents)
        (draft / COHORT_FILE).write_text(json.dumps(facts, indent=1) + "\n")
    return facts


def _write_images(folder: Path, twins: Twins, name: str) -> dict[str, object]:
    """The row of the table."""
    mask = f"masks/{name}.nii.gz"
    write_image(folder / mask, twins.mask.labels, twins.mask.geometry)
    volumes = {"benign": twins.benign, "metastatic": twins.metastatic, "absent": twins.absent}
    images = {kind: f"images/{name}-{kind}.nii.gz" for kind in volumes}
    for kind, volume in volumes.items():
        write_image(folder / images[kind], volume.hu, volume.geometry)
    return {"twins": name, "mask": mask, "node": 1, **images}
