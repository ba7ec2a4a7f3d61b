"""A body with a node in it, and what can be made of it."""

import numpy as np

from imaging.geometry import Geometry
from imaging.node import Node
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from tests.imaging.scenes import ellipsoids

GRID = Geometry((20, 60, 60), (2.0, 1.0, 1.0), (-30.0, -30.0, -20.0))


def body(seed=0) -> Volume:
    """Fat with muscle at the back, air in front, and some noise."""
    hu = np.random.default_rng(seed).normal(-100, 12, GRID.shape)
    hu[:, 45:] += 155
    hu[:, :12] -= 900
    hu[ellipsoids(GRID, ((0.0, 0.0, 0.0), (6.0, 6.0, 6.0))).labels > 0] += 160
    return Volume(np.round(hu).astype(np.int16), GRID)


def marked(centre_mm=(0.0, 0.0, 0.0), half_axes_mm=(6.0, 6.0, 6.0)) -> Node:
    """A node marked somewhere in it; without arguments, where there is one."""
    [node] = find_nodes(ellipsoids(GRID, (centre_mm, half_axes_mm)), NodeSeparation.LABELS)
    return node
