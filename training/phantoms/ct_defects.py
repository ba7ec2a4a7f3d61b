"""Defects of a phantom's CT. Each changes the patient in place and gives back the rows that it strikes."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import binary_dilation

from imaging.geometry import Geometry, Region
from training.phantoms.stored import StoredPatient, TableRow, cut_short

CALCIFIED_HU = 215
"""Median of a node: above what contrast does, below bone."""

THICK_MM = 6.0


def truncated_image(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The file ends somewhere in the middle."""
    cut_short(patient.image, rng)
    return patient.rows


def stored_values(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """Slope and intercept were not applied."""
    volume = patient.volume()
    patient.write_ct((volume.hu.astype(np.int32) + 1024).clip(0, 4095).astype(np.uint16), volume.geometry)
    return patient.rows


def grey_levels(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The CT was stored as a picture."""
    volume = patient.volume()
    patient.write_ct(((volume.hu + 160.0) / 400 * 255).clip(0, 255).astype(np.uint8), volume.geometry)
    return patient.rows


def windowed(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """What lies outside a window was clipped."""
    volume = patient.volume()
    patient.write_ct(volume.hu.clip(-100, 240), volume.geometry)
    return patient.rows


def copied_slice(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A lost slice was filled in with its neighbour."""
    volume = patient.volume()
    hu = volume.hu.copy()
    lost = int(rng.integers(1, len(hu) - 1))
    hu[lost] = hu[lost - 1]
    patient.write_ct(hu, volume.geometry)
    return patient.rows


def thick_slices(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """Only every so many slices were kept."""
    volume = patient.volume()
    thickness_mm, *pixel_mm = volume.geometry.spacing_mm
    step = int(np.ceil(THICK_MM / thickness_mm))
    hu = volume.hu[::step]
    row_mm, column_mm = pixel_mm
    spacing_mm = (thickness_mm * step, row_mm, column_mm)
    patient.write_ct(hu, Geometry((len(hu), *hu.shape[1:]), spacing_mm, volume.geometry.origin_mm))
    return patient.rows


def cut_ct(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """The field of view ends just beside the node."""
    volume, marks = patient.volume(), patient.marks()
    region = marks.occupied()
    assert region is not None
    k, j, i = (slice(0, size) for size in volume.hu.shape)
    kept: Region = (k, j, slice(max(0, region[2].start - int(rng.integers(1, 4))), i.stop))
    part = volume.cropped(kept)
    patient.write_ct(part.hu, part.geometry)
    return patient.rows


def calcified(patient: StoredPatient, rng: np.random.Generator) -> list[TableRow]:
    """A node as dense as none is."""
    volume, marks = patient.volume(), patient.marks()
    struck = patient.rows[int(rng.integers(len(patient.rows)))]
    marked = marks.labels == int(struck["node"])
    hu = volume.hu.copy()
    rise = CALCIFIED_HU - float(np.median(hu[marked]))
    hu[binary_dilation(marked)] += int(rise)
    patient.write_ct(hu, volume.geometry)
    return [struck]


CT_DEFECTS: dict[str, Callable[[StoredPatient, np.random.Generator], list[TableRow]]] = {
    "truncated-image": truncated_image,
    "stored-values": stored_values,
    "grey-levels": grey_levels,
    "windowed": windowed,
    "copied-slice": copied_slice,
    "thick-slices": thick_slices,
    "cut-ct": cut_ct,
    "calcified": calcified,
}
"""By the name that the ledger has."""
