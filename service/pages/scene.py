"""
What the viewer draws: CT, nodes and heat around the nodes, small enough to stand inside a page.

All three are on one grid, the CT's own, cut down to the region around the nodes. Where that is still too large,
neighbouring voxels are averaged, and the page says so.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.box import Box
from imaging.files import write_image
from imaging.geometry import Geometry, Region, Shape
from imaging.itk import resampled
from imaging.node import Node
from imaging.volume import Volume
from service.findings import Heat
from service.pages.study import Study

MARGIN_MM = 30.0
"""Of CT around the nodes: enough to know where one is."""

LARGEST_VOXEL_COUNT = 5_000_000
"""About 9 MB of CT in base64."""

RANGE_HU = (-1024, 3071)
"""What 12 bits hold; metal beyond it is cut off."""


@dataclass(frozen=True, slots=True)
class Scene:
    """
    Images for the viewer, each a zipped NIfTI file in base64, all on one grid.

    Attributes:
        ct: int16, in HU.
        nodes: uint8, the places of the nodes from 1; 0 is background.
        heat: float32, raw Grad-CAM; empty where there is none.
        shown: Which part of the CT it is, in words.
    """

    ct: str
    nodes: str
    heat: str
    shown: str

    @classmethod
    def of(cls, study: Study, largest_voxel_count: int = LARGEST_VOXEL_COUNT) -> "Scene | None":
        """What is around the nodes of a study; None where none of them lies in the CT."""
        volume, region = study.volume, _region(study.volume.geometry, study.nodes)
        if region is None:
            return None
        steps = _steps(volume.geometry.cropped(region), largest_voxel_count)
        part = _thinned(volume.hu[region], volume.geometry.cropped(region), steps)
        hu = np.rint(np.clip(part.values, *RANGE_HU)).astype(np.int16)
        return cls(
            ct=_packed(hu, part.geometry),
            nodes=_packed(_places(study.nodes, part.geometry), part.geometry),
            heat=_packed_heat(study.heat, region, steps),
            shown=_shown(volume, part.geometry, steps),
        )


def _region(geometry: Geometry, nodes: Iterable[Node]) -> Region | None:
    boxes = [node.box for node in nodes if geometry.region_of(node.box, margin=0)]
    return geometry.region_of(Box.union(boxes).grown(MARGIN_MM), margin=0) if boxes else None


def _steps(geometry: Geometry, largest_voxel_count: int) -> Shape:
    """How many voxels become one along each axis: the finest axis gives way first."""
    steps = np.ones(3, dtype=int)
    while np.prod(geometry.shape // steps) > largest_voxel_count:
        steps[(np.asarray(geometry.spacing_mm) * steps).argmin()] += 1
    k, j, i = steps.tolist()
    return k, j, i


def _thinned(values: NDArray[Any], geometry: Geometry, steps: Shape) -> Heat:
    """The means of blocks of voxels; a rest at the end of an axis is left out."""
    counts = [n // step for n, step in zip(values.shape, steps, strict=True)]
    whole = values[tuple(slice(0, n * step) for n, step in zip(counts, steps, strict=True))]
    blocks = whole.reshape([n for pair in zip(counts, steps, strict=True) for n in pair])
    [(x, y, z)] = geometry.points_at([[(step - 1) / 2 for step in steps]]).tolist()
    k, j, i = counts
    dz, dy, dx = (spacing * step for spacing, step in zip(geometry.spacing_mm, steps, strict=True))
    means = blocks.mean(axis=(1, 3, 5), dtype=np.float32)
    return Heat(means, Geometry((k, j, i), (dz, dy, dx), (x, y, z), geometry.direction))


def _places(nodes: Iterable[Node], grid: Geometry) -> NDArray[np.uint8]:
    """Which voxel is of which node; neighbours differ, so that each has an outline of its own."""
    places = np.zeros(grid.shape, dtype=np.uint8)
    for place, node in enumerate(nodes):
        region = grid.region_of(node.box, margin=1)
        if region is None:
            continue
        marked = node.voxels.astype(np.uint8)
        inside = resampled(marked, node.geometry, grid.cropped(region), sitk.sitkNearestNeighbor, outside=0.0)
        places[region][inside > 0] = place % 255 + 1
    return places


def _packed_heat(heat: Heat | None, region: Region, steps: Shape) -> str:
    if heat is None:
        return ""
    part = _thinned(heat.values[region], heat.geometry.cropped(region), steps)
    return _packed(part.values, part.geometry)


def _packed(values: NDArray[Any], geometry: Geometry) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "image.nii.gz"
        write_image(path, values, geometry)
        return base64.b64encode(path.read_bytes()).decode("ascii")


def _shown(volume: Volume, grid: Geometry, steps: Shape) -> str:
    """Which part of the CT is shown, and how much of its detail."""
    width, height, length = grid.box.size_mm
    whole = "the whole CT" if grid.shape == volume.geometry.shape else "the part of the CT around the nodes"
    dz, dy, dx = grid.spacing_mm
    voxels = f"voxels of {dx:.2f} × {dy:.2f} × {dz:.2f} mm"
    thinned = "" if steps == (1, 1, 1) else ", means of neighbouring voxels of the CT, to keep this page small"
    return f"Shown is {whole}: {width:.0f} × {height:.0f} × {length:.0f} mm in {voxels}{thinned}."
