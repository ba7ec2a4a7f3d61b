"""One phantom patient: a CT, a mask, and the truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from training.phantoms.acquisition import Acquisition
from training.phantoms.latents import Latents
from training.phantoms.scene import Scene, draw_scene, hu_at, region_around
from training.phantoms.shapes import Points, Ripple

JITTER_MM = 0.5
"""SD of a reader's outline around the true one."""


@dataclass(frozen=True, slots=True, eq=False)
class PhantomPatient:
    """
    A phantom.

    Attributes:
        volume: The CT.
        mask: Its nodes, labelled from 1, as a reader outlined them; on the CT's grid or on one of its own.
        latents: The truth, by label from 1.
    """

    volume: Volume
    mask: NodeMask
    latents: tuple[Latents, ...]


def draw_patient(seed: int, number: int) -> PhantomPatient:
    """Patient ``number`` of a cohort; the same for any size of the cohort."""
    rng = np.random.default_rng([seed, number])
    acquisition, scene = Acquisition.draw(rng), draw_scene(rng)
    hu = acquisition.seen(hu_at(scene, acquisition.fine_points(), acquisition.pixel_mm, rng), rng)
    volume = Volume(hu, acquisition.geometry)
    mask = _outlined(scene, acquisition.geometry, rng)
    if rng.random() < 0.4:
        mask = _on_a_grid_of_its_own(mask)
    return PhantomPatient(volume, mask, tuple(node.latents for node in scene.nodes))


def _outlined(scene: Scene, grid: Geometry, rng: np.random.Generator) -> NodeMask:
    points: Points = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).reshape(*grid.shape, 3).astype(np.float32)
    labels: NDArray[np.uint8] = np.zeros(grid.shape, dtype=np.uint8)
    for label, node in enumerate(scene.nodes, start=1):
        region = region_around(points, node)
        jitter = JITTER_MM / float(node.shape.half_axes_mm.min()) * Ripple.draw(rng, 8.0).at(points[region])
        labels[region][node.shape.depth(points[region]) <= 1 + jitter] = label
    return NodeMask(labels, grid)


def _on_a_grid_of_its_own(mask: NodeMask) -> NodeMask:
    """The same mask, cut to what it marks and stored from back to front and left to right, as NIfTI tools do."""
    region = mask.occupied()
    assert region is not None
    cut = mask.cropped(region)
    slices, rows, columns = cut.geometry.shape
    [(x, y, z)] = cut.geometry.points_at([(0, rows - 1, columns - 1)]).tolist()
    axes = ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0))
    turned = Geometry((slices, rows, columns), cut.geometry.spacing_mm, (x, y, z), axes)
    return NodeMask(np.ascontiguousarray(cut.labels[:, ::-1, ::-1]), turned)
