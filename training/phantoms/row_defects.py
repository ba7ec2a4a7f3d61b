"""Defects of a phantom's rows in the table. Each changes the patient in place and gives back the rows it strikes."""

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.files import read_mask, write_image
from imaging.geometry import Geometry
from training.phantoms.stored import StoredPatient, TableRow

COPY_NOISE_HU = 5.0
"""SD of what another reconstruction adds."""


def empty_cell(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """Nobody wrote down the label."""
    return _changed(patient, rng, label="")


def wrong_label(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A label that means something elsewhere."""
    return _changed(patient, rng, label=str(rng.choice(["2", "-1", "N1", "metastatic"])))


def wrong_node(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A node that no mask can mark."""
    return _changed(patient, rng, node=str(rng.choice(["0", "1.0", "left"])))


def missing_file(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The CT was not copied."""
    patient.image.unlink()
    return patient.rows


def doubled_row(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A row was pasted twice."""
    again = dict(patient.rows[int(rng.integers(len(patient.rows)))])
    patient.rows.append(again)
    return [again]


def two_sites(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """One id in two hospitals."""
    patient.rows[-1]["site"] = "B"
    return patient.rows


def copied_files(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A patient under two ids, with the same files."""
    image, mask = patient.image, patient.mask
    copies = patient.copied("b")
    shutil.copy(image, patient.folder / copies[0]["image"])
    shutil.copy(mask, patient.folder / copies[0]["mask"])
    return copies


def resaved_copy(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A patient under two ids, stored with another type of voxels."""
    return _copied(patient, lambda hu: hu.astype(np.float32))


def noisy_copy(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A patient under two ids, reconstructed twice and stored from left to right once."""
    return _copied(patient, lambda hu: np.round(hu + rng.normal(0, COPY_NOISE_HU, hu.shape)).astype(np.int16), True)


def conflicting_copy(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A patient under two ids, whose labels contradict each other."""
    for copy in _copied(patient, lambda hu: hu.astype(np.float32)):
        copy["label"] = str(1 - int(copy["label"]))
    return patient.rows


def _changed(patient: StoredPatient, rng: np.random.Generator, **cells: str) -> list[TableRow]:
    struck = patient.rows[int(rng.integers(len(patient.rows)))]
    struck.update(cells)
    return [struck]


def _copied(
    patient: StoredPatient, change: Callable[[NDArray[Any]], NDArray[Any]], mirrored: bool = False
) -> list[TableRow]:
    volume, mask = patient.volume(), read_mask(patient.mask)
    copies = patient.copied("b")
    hu, geometry = change(volume.hu), volume.geometry
    if mirrored:
        hu, geometry = np.ascontiguousarray(hu[:, :, ::-1]), _mirrored(geometry)
    write_image(patient.folder / copies[0]["image"], hu, geometry)
    write_image(patient.folder / copies[0]["mask"], mask.labels, mask.geometry)
    return copies


def _mirrored(geometry: Geometry) -> Geometry:
    """The same places, columns counted from the other end."""
    slices, rows, columns = geometry.direction
    x, y, z = columns
    [(a, b, c)] = geometry.points_at([(0, 0, geometry.shape[2] - 1)]).tolist()
    return Geometry(geometry.shape, geometry.spacing_mm, (a, b, c), (slices, rows, (-x, -y, -z)))


ROW_DEFECTS: dict[str, Callable[[StoredPatient, np.random.Generator], list[TableRow]]] = {
    "empty-cell": empty_cell,
    "wrong-label": wrong_label,
    "wrong-node": wrong_node,
    "missing-file": missing_file,
    "doubled-row": doubled_row,
    "two-sites": two_sites,
    "copied-files": copied_files,
    "resaved-copy": resaved_copy,
    "noisy-copy": noisy_copy,
    "conflicting-copy": conflicting_copy,
}
"""By the name that the ledger has."""
