"""A scored CT, with all that a page shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.crop import Crop
from imaging.geometry import Geometry
from imaging.itk import resampled
from imaging.lattice import centred_grid
from imaging.manifest import Manifest
from imaging.node import Node
from imaging.preprocessing import hu_on
from imaging.volume import Volume
from imaging.window import Window
from service.findings import Classification, Heat
from service.options import ClassifyOptions
from service.results import NO_NAMES, findings_of

PATCH_MM, PIXEL_MM = 40.0, 0.5
"""Side of what is shown around a node, at least, and of its pixels."""

SOFT_TISSUE = Window(-160.0, 240.0)
"""Width 400 HU, level 40 HU."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """
    Where the network looked at one node.

    Attributes:
        crop: What it was given.
        heat: Grad-CAM on the crop's pixels, (slices, rows, columns), not negative.
    """

    crop: Crop
    heat: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """
    A scored CT.

    Attributes:
        name: What the page calls it; it must not identify a patient.
        findings: The content of ``findings.json`` (`service.results`).
        volume: The CT.
        nodes: As the mask marks them.
        heat: All heat maps on the grid of the CT; None where there are none.
        looks: Of the scored nodes, by label.
    """

    name: str
    findings: Mapping[str, Any]
    volume: Volume
    nodes: tuple[Node, ...]
    heat: Heat | None
    looks: Mapping[int, Look]


def study_of_answer(
    name: str,
    volume: Volume,
    nodes: tuple[Node, ...],
    crops: Mapping[int, Crop],
    found: Classification,
    manifest: Manifest,
    options: ClassifyOptions,
    names: Mapping[int, Sequence[str]] = NO_NAMES,
) -> Study:
    """
    What was just scored; heat is that of the answer, cell by cell.

    Args:
        name: What the page calls it.
        volume: The CT.
        nodes: What was scored of it.
        crops: The scored nodes' crops, by label.
        found: The answer.
        manifest: Of the model that scored.
        options: What was chosen.
        names: What nodes are called by whoever marked them, by label.
    """
    looks = {node.label: _look(crops[node.label], node.heatmap, manifest) for node in found.nodes if node.heatmap}
    return Study(name, findings_of(found, manifest, options, names), volume, nodes, found.heat, looks)


def study_of_files(
    name: str, volume: Volume, nodes: tuple[Node, ...], findings: Mapping[str, Any], heat: Heat | None
) -> Study:
    """
    What was scored some time ago: nodes are shown as the CT has them, and heat as the map on the CT's grid has it.

    Args:
        name: What the page calls it.
        volume: The CT.
        nodes: What was scored of it.
        findings: The content of ``findings.json``.
        heat: The heat maps that were stored; None where there are none.
    """
    scored = {node["label"] for node in findings["nodes"] if node["probability"] is not None}
    looks = {node.label: look_at(volume, node, heat) for node in nodes if node.label in scored}
    return Study(name, findings, volume, nodes, heat, looks)


def look_at(volume: Volume, node: Node, heat: Heat | None) -> Look:
    """The axial slice through a node's largest cross-section, at the window of soft tissue."""
    x, y, _ = node.centroid_mm
    heights, counts = np.unique(node.points_mm()[:, 2].round(2), return_counts=True)
    side = int(max(PATCH_MM, 1.5 * max(node.box.size_mm[:2])) / PIXEL_MM)
    grid = centred_grid((1, side, side), (PIXEL_MM, PIXEL_MM, PIXEL_MM), (x, y, float(heights[counts.argmax()])))
    marked = node.voxels.astype(np.uint8)
    inside = resampled(marked, node.geometry, grid, sitk.sitkNearestNeighbor, outside=0.0) > 0
    warm = np.zeros(grid.shape, np.float32) if heat is None else _read_at(heat, grid)
    return Look(Crop(SOFT_TISSUE.applied_to(hu_on(volume, grid)), inside, grid), warm)


def _look(crop: Crop, cells: Heat, manifest: Manifest) -> Look:
    return Look(crop, manifest.heatmap.on_crop(cells.values, crop.geometry))


def _read_at(heat: Heat, grid: Geometry) -> NDArray[np.float32]:
    return resampled(heat.values, heat.geometry, grid, sitk.sitkLinear, outside=0.0)
