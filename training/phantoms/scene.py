"""A neighbourhood of nodes: fat, muscle, vessels, bowel, and the nodes among them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from training.phantoms.latents import Latents, draw_latents
from training.phantoms.presets import Preset
from training.phantoms.shapes import Field, LumpyEllipsoid, Points, Ripple, Tube, region_around
from training.phantoms.shortcuts import FAT_HU, Cue, draw_cue

MUSCLE_HU, VESSEL_HU, WALL_HU, CONTENT_HU = 55.0, 140.0, 70.0, 15.0
NECROSIS_HU, HILUM_HU = 25.0, -50.0

WALL_MM = 2.5
GAP_MM = 2.0
MARGIN_MM = 2.0
"""Around a node, in which its texture is drawn."""

PLACE_MM = (18.0, 18.0, 16.0)
"""How far from the middle a node's centre may lie, so that its crop stays inside the CT."""

TEXTURE_MM = 1.4
"""SD of the Gaussian that correlates a node's texture."""

ATTEMPTS = 200


@dataclass(frozen=True, slots=True, eq=False)
class PhantomNode:
    """
    A node.

    Attributes:
        latents: Its features.
        shape: Its place and its outline.
        seed: Of its texture, and of what is drawn beside it.
        cue: What is drawn beside it, if anything.
    """

    latents: Latents
    shape: LumpyEllipsoid
    seed: int
    cue: Cue | None = None

    def with_features(self, latents: Latents) -> "PhantomNode":
        """Another node at the same place, of the same pattern."""
        half_axes = _half_axes_mm(latents)
        return replace(
            self, latents=latents, shape=replace(self.shape, half_axes_mm=half_axes, roughness=latents.roughness)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """
    All that is drawn, around LPS (0, 0, 0).

    Attributes:
        nodes: One to three.
        vessels: Bright tubes, round in cross-section like nodes.
        bowel: Tubes with a wall.
        muscle: Ripple of the muscle's surface.
        muscle_mm: Where it begins, towards the back.
    """

    nodes: tuple[PhantomNode, ...]
    vessels: tuple[Tube, ...]
    bowel: tuple[Tube, ...]
    muscle: Ripple
    muscle_mm: float


def draw_nodes(rng: np.random.Generator, preset: Preset, of_one_class: bool) -> list[Latents]:
    """One to three nodes, each of them, or all together, benign or metastatic with equal chance."""
    metastatic = rng.random(int(rng.integers(1, 4))) < 0.5
    return [draw_latents(rng, bool(metastatic[0] if of_one_class else own), preset) for own in metastatic]


def draw_scene(rng: np.random.Generator, wanted: Iterable[Latents]) -> Scene:
    """A scene with these nodes, but for those that find no room beside the ones before."""
    nodes: list[PhantomNode] = []
    for latents in wanted:
        nodes += _placed(rng, latents, nodes)
    vessels = _tubes(rng, int(rng.integers(2, 5)), (1.8, 5.5), nodes)
    bowel = _tubes(rng, int(rng.integers(0, 3)), (8.0, 12.0), nodes)
    return Scene(tuple(nodes), vessels, bowel, Ripple.draw(rng, 40.0), float(rng.uniform(22.0, 34.0)))


def hu_at(scene: Scene, points: Points, spacing_mm: float) -> NDArray[np.float32]:
    """
    The scene without noise or blur.

    Args:
        scene: What to draw.
        points: A regular grid, (slices, rows, columns, 3).
        spacing_mm: Of the grid, about the same on every axis.
    """
    hu = np.full(points.shape[:-1], FAT_HU, dtype=np.float32)
    # One row stands for all: the surface is a function of x and z.
    hu[points[..., 1] > scene.muscle_mm + 3 * scene.muscle.at(points[:, :1])] = MUSCLE_HU
    for loop in scene.bowel:
        distance = loop.distance_mm(points)
        hu[distance < loop.radius_mm] = WALL_HU
        hu[distance < loop.radius_mm - WALL_MM] = CONTENT_HU
    for vessel in scene.vessels:
        hu[vessel.distance_mm(points) < vessel.radius_mm] = VESSEL_HU
    for node in scene.nodes:
        if node.cue:
            draw_cue(node.cue, hu, points, node.shape, np.random.default_rng(node.seed))
    for node in scene.nodes:
        _draw_node(hu, points, node, spacing_mm)
    return hu


def _draw_node(hu: Field, points: Points, node: PhantomNode, spacing_mm: float) -> None:
    region = region_around(points, node.shape.centre_mm, node.shape.reach_mm + MARGIN_MM)
    depth = node.shape.depth(points[region])
    white = np.random.default_rng(node.seed).normal(size=depth.shape)
    texture = gaussian_filter(white, TEXTURE_MM / spacing_mm)
    inside = node.latents.mean_hu + node.latents.texture_hu * texture / texture.std()
    if node.latents.necrosis:
        inside[depth < 0.55] = NECROSIS_HU
    if node.latents.hilum:
        shape = node.shape
        hilum = shape.centre_mm + 0.55 * shape.half_axes_mm[1] * shape.axes[1]
        inside[np.linalg.norm(points[region] - hilum, axis=-1) < 0.4 * shape.half_axes_mm[1]] = HILUM_HU
    part = hu[region]
    part[depth <= 1] = inside[depth <= 1]


def _placed(rng: np.random.Generator, latents: Latents, others: list[PhantomNode]) -> list[PhantomNode]:
    """The node at a place where it touches no other; none where there is no room."""
    angle = rng.uniform(0, np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    axes = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], dtype=np.float32)
    surface, seed = Ripple.draw(rng, 1.3), int(rng.integers(2**63))
    for _ in range(ATTEMPTS):
        centre = (rng.uniform(-1, 1, 3) * PLACE_MM).astype(np.float32)
        shape = LumpyEllipsoid(centre, axes, _half_axes_mm(latents), surface, latents.roughness)
        if all(_distance_mm(shape, other.shape) > GAP_MM for other in others):
            return [PhantomNode(latents, shape, seed)]
    return []


def _half_axes_mm(latents: Latents) -> NDArray[np.float32]:
    long_mm, short_mm = latents.long_axis_mm / 2, latents.short_axis_mm / 2
    return np.array([long_mm, short_mm, np.sqrt(short_mm * long_mm)], dtype=np.float32)


def _distance_mm(one: LumpyEllipsoid, other: LumpyEllipsoid) -> float:
    """At least this far apart."""
    return float(np.linalg.norm(one.centre_mm - other.centre_mm)) - one.reach_mm - other.reach_mm


def _tubes(
    rng: np.random.Generator, count: int, radii_mm: tuple[float, float], nodes: list[PhantomNode]
) -> tuple[Tube, ...]:
    """Up to so many tubes in random directions that touch no node."""
    tubes: list[Tube] = []
    for _ in range(ATTEMPTS):
        if len(tubes) == count:
            break
        axis = rng.normal(size=3) * (0.5, 0.5, 1.0)
        tube = Tube(
            rng.uniform(-30, 30, 3).astype(np.float32),
            (axis / np.linalg.norm(axis)).astype(np.float32),
            float(rng.uniform(*radii_mm)),
        )
        clear = (tube.distance_mm(n.shape.centre_mm) - tube.radius_mm - n.shape.reach_mm > GAP_MM / 2 for n in nodes)
        if all(clear):
            tubes.append(tube)
    return tuple(tubes)
