"""One phantom patient: a CT, a mask, and the truth."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from training.phantoms.acquisition import ANY, SHARP, SMOOTH, Acquisition, Scanner
from training.phantoms.latents import Latents
from training.phantoms.presets import LITERATURE, Preset
from training.phantoms.scene import MARGIN_MM, Scene, draw_nodes, draw_scene, hu_at
from training.phantoms.shapes import Points, Ripple, region_around
from training.phantoms.shortcuts import Cue, Shortcut

CUE_SEED = 1
"""Mixed into the seed, so that a shortcut changes nothing but its cue."""

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
        cues: Which nodes show the shortcut's cue, by label from 1.
    """

    volume: Volume
    mask: NodeMask
    latents: tuple[Latents, ...]
    cues: tuple[bool, ...]


def draw_patient(
    seed: int, number: int, preset: Preset = LITERATURE, shortcut: Shortcut | None = None
) -> PhantomPatient:
    """Patient ``number`` of a cohort; the same for any size of the cohort."""
    rng = np.random.default_rng([seed, number])
    by_scanner = shortcut is not None and shortcut.cue is Cue.SCANNER
    scene = draw_scene(rng, draw_nodes(rng, preset, of_one_class=by_scanner))
    scanner = ANY
    if shortcut:
        scene = _cued(scene, shortcut, np.random.default_rng([seed, number, CUE_SEED]))
        scanner = _scanner(scene) if by_scanner else ANY
    acquisition = Acquisition.draw(rng, scanner)
    hu = acquisition.seen(hu_at(scene, acquisition.fine_points(), acquisition.pixel_mm), rng)
    mask = _outlined(scene, acquisition.geometry, rng)
    if rng.random() < 0.4:
        mask = _on_a_grid_of_its_own(mask)
    latents, cues = (node.latents for node in scene.nodes), (node.cue is not None for node in scene.nodes)
    return PhantomPatient(Volume(hu, acquisition.geometry), mask, tuple(latents), tuple(cues))


def _cued(scene: Scene, shortcut: Shortcut, rng: np.random.Generator) -> Scene:
    """The same scene, its nodes marked where they show the cue."""
    shown = shortcut.shown([node.latents.metastatic for node in scene.nodes], rng)
    nodes = (replace(node, cue=shortcut.cue) if cued else node for node, cued in zip(scene.nodes, shown, strict=True))
    return replace(scene, nodes=tuple(nodes))


def _scanner(scene: Scene) -> Scanner:
    """A patient's nodes all show the scanner, or none does."""
    return SHARP if scene.nodes[0].cue else SMOOTH


def _outlined(scene: Scene, grid: Geometry, rng: np.random.Generator) -> NodeMask:
    points: Points = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).reshape(*grid.shape, 3).astype(np.float32)
    labels: NDArray[np.uint8] = np.zeros(grid.shape, dtype=np.uint8)
    for label, node in enumerate(scene.nodes, start=1):
        region = region_around(points, node.shape.centre_mm, node.shape.reach_mm + MARGIN_MM)
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
