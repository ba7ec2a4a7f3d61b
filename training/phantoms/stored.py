"""A phantom patient on disk, for spoiling."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.files import read_mask, read_volume, write_image
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume

TableRow = dict[str, str]


@dataclass(slots=True, eq=False)
class StoredPatient:
    """
    The files of one patient, and their rows in the table of cases.

    Attributes:
        folder: Of the cohort.
        rows: Of the patient; changed and added to in place.
        donor: Mask of a patient that stays sound.
    """

    folder: Path
    rows: list[TableRow]
    donor: Path

    @property
    def image(self) -> Path:
        """File of the CT."""
        return self.folder / self.rows[0]["image"]

    @property
    def mask(self) -> Path:
        """File of the label map."""
        return self.folder / self.rows[0]["mask"]

    def volume(self) -> Volume:
        """The CT."""
        return read_volume(self.image)

    def marks(self) -> NodeMask:
        """The mask on the CT's grid; that of a phantom shares its voxels, but may be cut and turned."""
        mask, ct = read_mask(self.mask), self.volume().geometry
        labels: NDArray[Any] = np.zeros(ct.shape, dtype=mask.labels.dtype)
        places = np.argwhere(mask.labels)
        k, j, i = np.round(ct.indices_at(mask.geometry.points_at(places))).astype(int).T
        labels[k, j, i] = mask.labels[tuple(places.T)]
        return NodeMask(labels, ct)

    def write_ct(self, hu: NDArray[Any], geometry: Geometry) -> None:
        """Replace the CT."""
        write_image(self.image, hu, geometry)

    def write_marks(self, labels: NDArray[Any], geometry: Geometry) -> None:
        """Replace the mask."""
        write_image(self.mask, labels, geometry)

    def copied(self, suffix: str) -> list[TableRow]:
        """Rows of the same patient under another id and with files of other names, added to the table."""
        rows = [
            {
                **row,
                "patient": row["patient"] + suffix,
                "image": row["image"].replace(".nii", f"{suffix}.nii"),
                "mask": row["mask"].replace(".nii", f"{suffix}.nii"),
            }
            for row in self.rows
        ]
        self.rows += rows
        return rows


def cut_short(path: Path, rng: np.random.Generator) -> None:
    """End a file somewhere in its middle."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * rng.uniform(0.3, 0.8))])
