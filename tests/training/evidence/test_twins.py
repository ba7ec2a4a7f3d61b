"""The same scene with a benign node, a metastatic one, and none."""

import numpy as np
import pytest

from imaging.spec import Aggregation
from tests.training.evidence.scenes import AT_MARK, AT_NODE, MARK, NODE, Bright, disc_crops, held_out
from training.evidence.repainted import repainted
from training.evidence.twins import twin_changes, twins


@pytest.fixture(scope="module")
def crops():
    """Six scenes of three patients, (6, 3, slices, rows, columns), each with a mark that never changes."""
    nodes = held_out(disc_crops(12))
    benign, absent = nodes.pixels[::2], repainted(nodes).removed[::2]
    metastatic = benign + nodes.node_masks[::2] * np.float32(NODE[1] - NODE[0])
    scenes = np.stack([benign, metastatic, absent], axis=1)
    scenes[..., :4, :4] = MARK
    return scenes


def test_a_network_that_looks_at_the_node_tells_twins_apart(crops):
    """Disease raises the logit, and so does either node; the first and the last rise add up to the second."""
    changes = twin_changes(Bright(AT_NODE), crops, Aggregation.MEAN)
    found = twins(changes, np.repeat(["a", "b", "c"], 2))

    assert found.benign_to_metastatic.lower > 0
    assert found.absent_to_benign.lower > 0
    assert 1.0 == found.ordered.value
    assert changes.benign_to_metastatic + changes.absent_to_benign == pytest.approx(changes.absent_to_metastatic)


def test_a_network_that_looks_beside_the_node_sees_no_difference(crops):
    """Twins share all but their node: nothing changes, and the order is that of chance."""
    found = twins(twin_changes(Bright(AT_MARK), crops, Aggregation.MEAN), np.repeat(["a", "b", "c"], 2))

    assert 6 == found.scene_count
    assert 0.0 == found.absent_to_metastatic.value
    assert 0.5 == found.ordered.value
