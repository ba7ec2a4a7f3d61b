"""Answers on the wire."""

from dataclasses import replace

import numpy as np

from imaging.box import Box
from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.geometry import Geometry
from imaging.heatmap import HeatShare
from imaging.measurements import NodeMeasurements
from nodelens.v1 import findings_pb2 as messages
from service.findings import Classification, Heat, ModelRef, NodeFinding, Notice, Score, SliceFinding, Timings
from service.wire_findings import classification_from, classification_message

GRID = Geometry((2, 3, 4), (2.0, 3.2, 3.2), (1.0, 2.0, 3.0))
SCORED = NodeFinding(
    label=7,
    status=NodeStatus.SCORED,
    centroid_mm=(1.5, -2.5, 3.5),
    box=Box((0.0, -4.0, 2.0), (3.0, -1.0, 5.0)),
    measurements=NodeMeasurements(900.0, 14.0, 9.0, 65.0, 12.0),
    score=Score(0.8, 1.4, Call.METASTATIC, HeatShare(0.5, 4.0)),
    slices=(SliceFinding(2.7, 1.2), SliceFinding(3.5, 1.6)),
    notices=(Notice("LARGER_THAN_CROP", "the node does not fit"),),
)
UNSCORED = replace(SCORED, label=9, status=NodeStatus.TOO_SMALL, score=None, slices=(), notices=())
WHOLE = Classification(
    "id",
    ModelRef("cnn", 3, "ab"),
    (SCORED, UNSCORED),
    (Notice("SYNTHETIC_MODEL", "phantoms"),),
    Timings(1, 2, 0.5, 3, 7),
)


def test_findings_survive():
    """What is sent is received, scored nodes and others."""
    received = messages.Classification.FromString(classification_message(WHOLE).SerializeToString())

    assert WHOLE == classification_from(received)


def test_maps_survive():
    """Both kinds of maps come back with their grids, and the peak is the largest value."""
    values = np.arange(24, dtype=np.float32).reshape(GRID.shape)
    heat = Heat(values, GRID)
    sent = classification_message(replace(WHOLE, nodes=(replace(SCORED, heatmap=heat),), heat=heat))
    received = classification_from(sent)

    assert 23.0 == sent.nodes[0].heatmap.peak
    for back in (received.heat, received.nodes[0].heatmap):
        assert GRID == back.geometry
        np.testing.assert_array_equal(back.values, values)
