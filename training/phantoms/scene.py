"""A neighbourhood of nodes: fat, muscle, vessels, bowel, and the nodes among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from training.phantoms.latents import Latents, draw_latents
from training.phantoms.shapes import Field, LumpyEllipsoid, Points, Ripple, Tube

FAT_HU, MUSCLE_HU, VESSEL_HU, WALL_HU, CONTENT_HU = -100.0, 55.0, 140.0, 70.0, 15.0
NECROSIS_HU, HILUM_HU = 25.0, -50.0

WALL_MM = 2.5
GAP_MM = 2.0
PLACE_MM = (18.0, 18.0, 16.0)
"""How far from the middle a node's centre may lie, so that its crop stays inside the CT."""

TEXTURE_MM = 1.1
"""SD of the Gaussian that correlates a node's texture."""

ATTEMPTS = 200


@dataclass(frozen=True, slots=True, eq=False)
class PhantomNode:
    """A node: its features, its place, and its shape."""

    latents: Latents
    shape: LumpyEllipsoid


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


def draw_scene(rng: np.random.Generator) -> Scene:
    """A scene of one to three nodes, each benign or metastatic with equal chance."""
    nodes: list[PhantomNode] = []
    for _ in range(int(rng.integers(1, 4))):
        nodes += _placed(rng, draw_latents(rng, bool(rng.random() < 0.5)), nodes)
    vessels = _tubes(rng, int(rng.integers(2, 5)), (1.8, 5.5), nodes)
    bowel = _tubes(rng, int(rng.integers(0, 3)), (8.0, 12.0), nodes)
    return Scene(tuple(nodes), vessels, bowel, Ripple.draw(rng, 40.0), float(rng.uniform(22.0, 34.0)))


def hu_at(scene: Scene, points: Points, spacing_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """
    The scene without noise or blur.

    Args:
        scene: What to draw.
        points: A regular grid, (slices, rows, columns, 3).
        spacing_mm: Of the grid, about the same on every axis.
        rng: For the textures.
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
        _draw_node(hu, points, node, spacing_mm, rng)
    return hu


def region_around(points: Points, node: PhantomNode, margin_mm: float = 2.0) -> tuple[slice, slice, slice]:
    """The part of a regular grid of points that holds a node."""
    near = np.abs(points - node.shape.centre_mm) <= node.shape.reach_mm + margin_mm
    first = (near[:, 0, 0, 2], near[0, :, 0, 1], near[0, 0, :, 0])
    k, j, i = (slice(int(hits.argmax()), len(hits) - int(hits[::-1].argmax())) for hits in first)
    return k, j, i


def _draw_node(hu: Field, points: Points, node: PhantomNode, spacing_mm: float, rng: np.random.Generator) -> None:
    region = region_around(points, node)
    depth = node.shape.depth(points[region])
    texture = gaussian_filter(rng.normal(size=depth.shape), TEXTURE_MM / spacing_mm)
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
    short_mm, long_mm = latents.short_axis_mm / 2, latents.long_axis_mm / 2
    angle = rng.uniform(0, np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    axes = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], dtype=np.float32)
    half_axes = np.array([long_mm, short_mm, np.sqrt(short_mm * long_mm)], dtype=np.float32)
    surface = Ripple.draw(rng, 1.3)
    for _ in range(ATTEMPTS):
        centre = (rng.uniform(-1, 1, 3) * PLACE_MM).astype(np.float32)
        shape = LumpyEllipsoid(centre, axes, half_axes, surface, latents.roughness)
        if all(_distance_mm(shape, other.shape) > GAP_MM for other in others):
            return [PhantomNode(latents, shape)]
    return []


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
