"""Twins: one scene and one scan, in which one node is benign, metastatic, or not there."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from training.phantoms.acquisition import Acquisition
from training.phantoms.latents import Latents, draw_latents
from training.phantoms.presets import LITERATURE, Preset
from training.phantoms.scene import MARGIN_MM, PhantomNode, draw_nodes, draw_scene, hu_at
from training.phantoms.shapes import Points, region_around

TWIN_SEED, FEATURE_SEED, NOISE_SEED = 2, 3, 4
"""Mixed into the seed: twins are no patients of the cohort, and share all that is random."""


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """
    What a CT would show if one node were another; all else is the same, noise included.

    Attributes:
        benign: The CT with a benign node.
        metastatic: With a metastatic one at the same place, every feature shifted as the preset says.
        absent: With what lies behind it, which is fat unless muscle begins there.
        mask: 1 where there is a node in either of the first two, on the CT's grid; so that all three are cut alike.
        latents: Of the benign and of the metastatic node.
    """

    benign: Volume
    metastatic: Volume
    absent: Volume
    mask: NodeMask
    latents: tuple[Latents, Latents]


def draw_twins(seed: int, number: int, preset: Preset = LITERATURE) -> Twins:
    """Twins ``number``; there may be other nodes near, which are in no mask."""
    rng = np.random.default_rng([seed, number, TWIN_SEED])
    benign, metastatic = (
        draw_latents(np.random.default_rng([seed, number, FEATURE_SEED]), label, preset) for label in (False, True)
    )
    others = draw_nodes(rng, preset, of_one_class=False)[1:]
    # The one that reaches farther makes room for both.
    farther = max(benign, metastatic, key=lambda latents: latents.long_axis_mm * (1 + 3 * latents.roughness))
    scene, acquisition = draw_scene(rng, [farther, *others]), Acquisition.draw(rng)
    nodes = tuple(scene.nodes[0].with_features(latents) for latents in (benign, metastatic))
    fine, grid = acquisition.fine_points(), acquisition.geometry

    def seen(*shown: PhantomNode) -> Volume:
        hu = hu_at(replace(scene, nodes=(*shown, *scene.nodes[1:])), fine, acquisition.pixel_mm)
        return Volume(acquisition.seen(hu, np.random.default_rng([seed, number, NOISE_SEED])), grid)

    return Twins(seen(nodes[0]), seen(nodes[1]), seen(), _marked(nodes, grid), (benign, metastatic))


def _marked(nodes: tuple[PhantomNode, ...], grid: Geometry) -> NodeMask:
    """1 in any of the nodes."""
    points: Points = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).reshape(*grid.shape, 3).astype(np.float32)
    labels: NDArray[np.uint8] = np.zeros(grid.shape, dtype=np.uint8)
    for node in nodes:
        region = region_around(points, node.shape.centre_mm, node.shape.reach_mm + MARGIN_MM)
        labels[region][node.shape.depth(points[region]) <= 1] = 1
    return NodeMask(labels, grid)
