"""The radiomic features of a cohort's nodes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imaging.errors import ImagingError
from imaging.lattice import NodeLattice
from imaging.measurements import measure
from imaging.node import Node
from imaging.volume import Volume
from training.cases import Case, Cohort, fault
from training.crops import CACHE_FOLDER
from training.entry import entry_path, read_entry, write_entry
from training.errors import InvalidCases
from training.radiomics import intensity, shape, texture
from training.radiomics.region import NodeRegion
from training.scan import Scan, scans_of

ENTRY_FORMAT = 1
"""Of a file in the cache. Raise by one whenever the same node would give other features."""

SPACING_MM = (1.0, 1.0, 1.0)
"""Of the grid on which all features but mean and spread of the node's own voxels are computed."""

AXES = {"short_axis_mm": "", "long_axis_mm": "", "axis_ratio": ""}
"""As RECIST measures them, in the axial slice of the largest cross-section; IBSI has no code for them."""

SIZE_AND_SHAPE = (*AXES, *shape.CODES)
CODES = {**AXES, **shape.CODES, **intensity.CODES, **texture.CODES}
"""IBSI's code of each feature, in the order of the columns; empty where the feature is not IBSI's."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeFeatures:
    """
    The features of a cohort's nodes; those that lie beyond their CT are left out.

    Attributes:
        values: (nodes, features), in the order of `CODES`.
        cases: One for each node.
        case_indices: Their places in the cohort, (nodes,).
    """

    values: NDArray[np.float64]
    cases: tuple[Case, ...]
    case_indices: NDArray[np.int64]

    def columns(self, names: Iterable[str]) -> NDArray[np.float64]:
        """Some of the features, (nodes, names)."""
        places = list(CODES)
        return self.values[:, [places.index(name) for name in names]]

    def rows(self, case_indices: Iterable[int]) -> NDArray[np.int64]:
        """Where the features of these cases are; nodes that are left out have none."""
        return np.flatnonzero(np.isin(self.case_indices, list(case_indices)))


def node_features(volume: Volume, node: Node) -> dict[str, float]:
    """The features of `CODES`, on a grid of 1 mm; those of intensity and texture are NaN for a node beyond the CT."""
    lattice = NodeLattice.of(node, SPACING_MM)
    measured, region = measure(node, lattice, volume), NodeRegion.of(volume, lattice)
    long_axis_mm, short_axis_mm = measured.long_axis_mm, measured.short_axis_mm
    size = {
        "short_axis_mm": short_axis_mm,
        "long_axis_mm": long_axis_mm,
        "axis_ratio": short_axis_mm / long_axis_mm if long_axis_mm else 1.0,
    }
    size |= shape.shape_features(region.mask, region.spacing_mm)
    if not region.inside.any():
        return size | dict.fromkeys((*intensity.CODES, *texture.CODES), nan)
    hu, inside = region.hu, region.inside
    return size | intensity.intensity_features(hu, inside) | texture.texture_features(hu, inside)


def load_features(cohort: Cohort, cache_folder: Path | None = None) -> NodeFeatures:
    """
    The features of a cohort, from the cache or made now; with progress on stderr.

    Args:
        cohort: The cases.
        cache_folder: Where features are kept; ``.crops`` beside the table if not given.

    Raises:
        InvalidCases: an image or mask cannot be read, they do not belong together, a node is too large for one, or no
            node lies in its CT.
    """
    folder, scans = cache_folder or cohort.table.parent / CACHE_FOLDER, scans_of(cohort.cases)
    with tqdm(scans, desc="features", unit="scan") as progress:
        values = np.concatenate([_scan_features(scan, cohort.file_digests, folder) for scan in progress])
    places = {case: index for index, case in enumerate(cohort.cases)}
    indices = np.array([places[case] for scan in scans for case in scan.cases])
    order = np.argsort(indices)
    known = order[np.isfinite(values[order]).all(axis=1)]
    if not len(known):
        raise InvalidCases("no node lies in its CT; check that images and masks belong together")
    return NodeFeatures(values[known], tuple(cohort.cases[n] for n in indices[known]), indices[known])


def _scan_features(scan: Scan, file_digests: Mapping[Path, str], folder: Path) -> NDArray[np.float64]:
    """The features of each case of a scan, (cases, features)."""
    files, nodes = [file_digests[scan.image], file_digests[scan.mask]], [case.node for case in scan.cases]
    path = entry_path(folder, ["features", ENTRY_FORMAT, SPACING_MM, intensity.BIN_HU, json.dumps(CODES), files, nodes])
    entry = read_entry(path, "features")
    if entry is not None:
        return entry[0]
    volume, found = scan.read()
    try:
        rows = [node_features(volume, node) for node in found]
    except ImagingError as error:
        raise fault(scan.cases[0].row, "mask", str(error)) from error
    values = np.array([[row[name] for name in CODES] for row in rows], dtype=np.float64)
    write_entry(path, features=values)
    return values
