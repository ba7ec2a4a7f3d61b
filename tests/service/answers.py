"""An answer of the server with every kind of node, for tests of what is made of it."""

import numpy as np

from imaging.box import Box
from imaging.crop import Crop, NodeStatus
from imaging.decision import Call
from imaging.geometry import Geometry
from imaging.heatmap import HeatShare
from imaging.lattice import centred_grid
from imaging.measurements import NodeMeasurements
from service.findings import Classification, Heat, ModelRef, NodeFinding, Notice, Score, Timings

CT_GRID = Geometry((6, 10, 12), (3.0, 0.9, 0.8), (5.0, -7.0, 100.0))
CROP_GRID = centred_grid((3, 24, 24), (0.79, 1.5, 1.5), (9.0, -3.0, 107.0))
NODE_BOX = Box((8.0, -4.0, 106.0), (10.0, -2.0, 109.0))


def node(label: int, status: NodeStatus = NodeStatus.SCORED, **changes) -> NodeFinding:
    """One node of 300 mm³; scored ones are called metastatic at 0.8 and have heat."""
    scored = status is NodeStatus.SCORED
    found = {
        "score": Score(0.8, 1.4, Call.METASTATIC, HeatShare(0.25, 2.5)) if scored else None,
        "heatmap": Heat(np.full((3, 6, 6), 2.0, np.float32), CROP_GRID) if scored else None,
        "measurements": NodeMeasurements(300.0, 11.0, 7.0, 45.0, 12.0),
    }
    return NodeFinding(label, status, (9.0, -3.0, 107.5), NODE_BOX, **{**found, **changes})


def answer(*nodes: NodeFinding, notices: tuple[Notice, ...] = ()) -> Classification:
    """An answer with a heat map that is 2 in one voxel of the CT."""
    heat = np.zeros(CT_GRID.shape, np.float32)
    heat[2, 4, 5] = 2.0
    timings = Timings(0.1, 0.2, 0.0, 0.3, 0.6)
    return Classification("request-1", ModelRef("cnn", 2, "ab" * 32), nodes, notices, timings, Heat(heat, CT_GRID))


def crop() -> Crop:
    """A grey crop with a square node in its middle."""
    pixels = np.linspace(0, 1, 3 * 24 * 24, dtype=np.float32).reshape(3, 24, 24)
    marked = np.zeros(pixels.shape, bool)
    marked[:, 9:15, 9:15] = True
    return Crop(pixels, marked, CROP_GRID)
