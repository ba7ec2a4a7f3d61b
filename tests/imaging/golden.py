"""
The pixels that version 1 of the preprocessing makes.

``python -m tests.imaging.golden`` rewrites the file. Do so only together with a raised ``imaging.spec.VERSION``.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Geometry
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import VERSION, PreprocessingSpec
from tests.imaging.scenes import OBLIQUE, ellipsoids, soft_tissue

PATH = Path(__file__).parent / f"preprocessing-v{VERSION}.npz"


def golden_crops() -> NDArray[np.float32]:
    """Crops of two nodes in an oblique CT, (2, slices, rows, columns)."""
    grid = Geometry((40, 60, 60), (1.1, 0.9, 0.7), (-20.0, 20.0, 10.0), OBLIQUE)
    x, y, z = grid.box.centre_mm
    mask = ellipsoids(grid, ((x - 6.0, y, z), (4.0, 3.0, 5.0)), ((x + 5.0, y + 3.0, z + 2.0), (2.6, 3.4, 3.0)))
    spec = PreprocessingSpec(side_mm=14.0, input_shape_px=(40, 40), slice_offsets=(-2, 0, 2))
    nodes = prepare(soft_tissue(grid), find_nodes(mask, NodeSeparation.LABELS), spec)
    return np.stack([node.crop.pixels for node in nodes if node.crop is not None])


if __name__ == "__main__":
    np.savez_compressed(PATH, crops=golden_crops())
