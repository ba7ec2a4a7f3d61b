from math import isnan

import numpy as np
import pytest

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.node import Node
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from tests.imaging.scenes import axis_orders, ellipsoids, reordered
from tests.training.quality.scans import GRID, body, marked
from training.quality.node_rules import NODE_RULES, median_hu, off_body, several_parts


def broken(node, volume):
    """The rules that a node breaks."""
    return {name for name, rule in NODE_RULES.items() if rule(node, volume)}


@pytest.mark.parametrize(
    ("centre_mm", "rules"),
    [
        ((0.0, 0.0, 0.0), set()),
        ((15.0, 0.0, 0.0), {"implausible-hu"}),
        ((0.0, -24.0, 0.0), {"implausible-hu", "off-body"}),
    ],
    ids=["node", "fat", "air"],
)
def test_marks_beside_the_node_are_seen(centre_mm, rules):
    """Soft tissue is sound, fat is none, and the air before the body is outside it."""
    assert rules == broken(marked(centre_mm), body())


def test_gas_in_the_body_is_not_off_the_body():
    """Air that does not reach the border of the slice is inside; its density is wrong all the same."""
    volume = body()
    hu = volume.hu.copy()
    hu[ellipsoids(GRID, ((15.0, 0.0, 0.0), (9.0, 9.0, 9.0))).labels > 0] = -950

    assert {"implausible-hu"} == broken(marked((15.0, 0.0, 0.0)), Volume(hu, GRID))


def test_storage_does_not_matter():
    """The air is outside in every order of axes."""
    volume, node = body(), marked((0.0, -24.0, 0.0))

    found = {off_body(node, Volume(*reordered(volume.hu, GRID, order))) for order in axis_orders()}

    assert {off_body(node, volume)} == found


@pytest.mark.parametrize(
    ("rise_hu", "rules"),
    [(-90, {"unusual-hu"}), (90, set()), (150, {"unusual-hu"}), (250, {"implausible-hu"})],
)
def test_density_has_two_limits(rise_hu, rules):
    """A little beyond what nodes have is unusual, far beyond is implausible; a node never breaks both."""
    volume = body()

    assert rules == broken(marked(), Volume(volume.hu + np.int16(rise_hu), GRID))


def test_a_node_half_outside_is_seen():
    """A tenth may be cut off, not half."""
    half = Volume(body().hu[:, :, 30:], GRID.cropped((slice(0, 20), slice(0, 60), slice(30, 60))))

    assert "mask-outside-ct" in broken(marked(), half)


def test_a_node_outside_has_no_density():
    """It breaks the rule about its place, and no other."""
    node = Node(1, np.ones((2, 2, 2), dtype=np.bool_), Geometry((2, 2, 2), (1.0, 1.0, 1.0), (300.0, 0.0, 0.0)))

    assert isnan(median_hu(node, body()))
    assert {"mask-outside-ct"} == broken(node, body())


def test_parts_are_counted():
    """Two pieces under one value are one node of two parts."""
    labels = (ellipsoids(GRID, ((-10.0, 0.0, 0.0), (6, 6, 6)), ((10.0, 0.0, 0.0), (6, 6, 6))).labels > 0).astype(
        np.uint8
    )
    [node] = find_nodes(NodeMask(labels, GRID), NodeSeparation.LABELS)

    assert "2 parts, the largest holds 50%" == several_parts(node, body())
    assert several_parts(marked(), body()) is None
