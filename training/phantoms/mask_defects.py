"""Defects of a phantom's mask. Each changes the patient in place and gives back the rows that it strikes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from imaging.geometry import Geometry
from training.phantoms.stored import StoredPatient, TableRow, cut_short

AIR_HU = -1000
FAT_HU = -70
"""Below this median, marks lie in fat."""

SHIFT_MM = (12.0, 24.0)
ELSEWHERE_MM = 400.0
GROWN_MM = 22.0
"""By which an outline is blown up on each side."""

ATTEMPTS = 400


def truncated_mask(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The file ends somewhere in the middle."""
    cut_short(patient.mask, rng)
    return patient.rows


def empty_mask(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """Nothing is marked."""
    marks = patient.marks()
    patient.write_marks(np.zeros_like(marks.labels), marks.geometry)
    return patient.rows


def shifted_header(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The mask's origin is some way off to the side."""
    return _moved(patient, float(rng.uniform(*SHIFT_MM)))


def header_elsewhere(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The mask's origin is far outside the CT."""
    return _moved(patient, ELSEWHERE_MM)


def mask_of_another_patient(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The file is that of another patient."""
    patient.mask.write_bytes(patient.donor.read_bytes())
    return patient.rows


def mask_off_body(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The patient's front ends in the CT, and the marks lie in the air before it."""
    volume, marks = patient.volume(), patient.marks()
    region = marks.occupied()
    assert region is not None
    labels = np.zeros_like(marks.labels)
    height = region[1].stop - region[1].start
    labels[:, 1 : height + 1] = marks.labels[:, region[1]]
    hu = volume.hu.copy()
    air = hu[:, : height + 3]
    air[...] = np.round(rng.normal(AIR_HU, 12, air.shape))
    patient.write_ct(hu, volume.geometry)
    patient.write_marks(labels, marks.geometry)
    return patient.rows


def mask_in_fat(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A node's marks lie beside it in the fat."""
    hu, marks = patient.volume().hu, patient.marks()
    struck = patient.rows[int(rng.integers(len(patient.rows)))]
    marked = marks.labels == int(struck["node"])
    labels = np.where(marked, 0, marks.labels)
    places = np.argwhere(marked)
    for _ in range(ATTEMPTS):
        steps = rng.integers(-20, 21, 3) * (0, 1, 1)
        k, j, i = (places + steps).clip(0, np.subtract(hu.shape, 1)).T
        if np.median(hu[k, j, i]) < FAT_HU and not labels[k, j, i].any():
            labels[k, j, i] = int(struck["node"])
            break
    patient.write_marks(labels, marks.geometry)
    return [struck]


def two_parts(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A stray piece far from the node has its value."""
    marks = patient.marks()
    struck = patient.rows[int(rng.integers(len(patient.rows)))]
    labels = marks.labels.copy()
    region = marks.occupied()
    assert region is not None
    beside = region[1].stop + 3
    labels[region[0].start : region[0].start + 2, beside : beside + 4, region[2].start : region[2].start + 4] = int(
        struck["node"]
    )
    patient.write_marks(labels, marks.geometry)
    return [struck]


def speck(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """One voxel was clicked instead of an outline."""
    return _remarked(patient, rng, _one_voxel)


def grown_mask(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The outline is that of a whole region."""
    column_mm = patient.volume().geometry.spacing_mm[2]
    return _remarked(patient, rng, lambda marked: binary_dilation(marked, iterations=round(GROWN_MM / column_mm)))


def _one_voxel(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    places = np.argwhere(marked)
    single = np.zeros_like(marked)
    single[tuple(places[len(places) // 2])] = True
    return single


def _remarked(
    patient: StoredPatient, rng: np.random.Generator, change: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]
) -> list[TableRow]:
    """One node marked otherwise; the others keep what is theirs."""
    marks = patient.marks()
    struck = patient.rows[int(rng.integers(len(patient.rows)))]
    node = int(struck["node"])
    others: NDArray[Any] = np.where(marks.labels == node, 0, marks.labels)
    labels = np.where(change(marks.labels == node) & (others == 0), node, others).astype(marks.labels.dtype)
    patient.write_marks(labels, marks.geometry)
    return [struck]


def _moved(patient: StoredPatient, distance_mm: float) -> list[TableRow]:
    """The mask on the CT's grid, and by whole voxels to the left."""
    marks = patient.marks()
    column_mm = marks.geometry.spacing_mm[2]
    x, y, z = marks.geometry.origin_mm
    place = (x + round(distance_mm / column_mm) * column_mm, y, z)
    patient.write_marks(marks.labels, Geometry(marks.geometry.shape, marks.geometry.spacing_mm, place))
    return patient.rows


MASK_DEFECTS: dict[str, Callable[[StoredPatient, np.random.Generator], list[TableRow]]] = {
    "truncated-mask": truncated_mask,
    "empty-mask": empty_mask,
    "shifted-header": shifted_header,
    "header-elsewhere": header_elsewhere,
    "mask-of-another-patient": mask_of_another_patient,
    "mask-off-body": mask_off_body,
    "mask-in-fat": mask_in_fat,
    "two-parts": two_parts,
    "speck": speck,
    "grown-mask": grown_mask,
}
"""By the name that the ledger has."""
