"""Known maps have known places."""

import numpy as np
import pytest

from tests.training.evidence.scenes import AT_MARK, AT_NODE, Bright, disc_crops, held_out
from training.evidence.localisation import Located, localisation, located, located_all
from training.predict import slice_evidence

NODE = np.zeros((1, 10, 10), dtype=bool)
NODE[0, 4:6, 4:6] = True
NEAR = np.zeros((1, 10, 10), dtype=bool)
NEAR[0, 3:7, 3:7] = True


def heat_at(values):
    """A map that is 0 but at some pixels of its only slice."""
    heat = np.zeros((1, 10, 10), dtype=np.float32)
    for place, value in values.items():
        heat[0][place] = value
    return heat


def test_shares_and_lifts_are_those_of_the_map():
    """A quarter of the heat inside, half of it near: areas of 4 and 16 % make lifts of 6.25 and 3.125."""
    found = located(heat_at({(4, 4): 1, (3, 3): 1, (0, 0): 2}), NODE, NEAR)

    assert [0.04, 0.16, 0.25, 6.25, 0.5, 3.125] == pytest.approx(list(found[:6]))


@pytest.mark.parametrize(
    ("hottest", "pointed"), [([(4, 4)], 1), ([(3, 3)], 1), ([(2, 3)], 0), ([(4, 4), (0, 0), (0, 1), (0, 2)], 0.25)]
)
def test_the_hottest_pixel_points(hottest, pointed):
    """On the node or near it is a hit; among equally hot pixels each has its share."""
    heat = heat_at({(4, 5): 1.0} | dict.fromkeys(hottest, 2.0))

    assert pointed == located(heat, NODE, NEAR).pointed


def test_ranks_count_as_many_pixels_as_the_node_has():
    """Three of the four hottest pixels inside are 0.75, whatever their heat."""
    heat = heat_at({(4, 4): 9, (4, 5): 0.2, (5, 4): 0.1, (9, 9): 0.3, (0, 0): 0.05})

    assert 0.75 == located(heat, NODE, NEAR).rank_accuracy


def test_a_flat_map_is_at_chance():
    """It has no place: every measure is what its area gives it."""
    found = located(np.ones((1, 10, 10), dtype=np.float32), NODE, NEAR)

    assert [0.04, 1.0, 0.16, 1.0, 0.16, 0.04] == pytest.approx(list(found[2:]))


def test_an_empty_map_is_counted_and_enters_no_mean():
    """Three nodes, one without heat: means are those of the other two."""
    maps = [located(heat, NODE, NEAR) for heat in (heat_at({(4, 4): 1}), heat_at({}), heat_at({(0, 0): 1}))]

    found = localisation(maps, np.array(["a", "b", "c"]))

    assert [False, True, False] == [each.empty for each in maps]
    assert (3, 1) == (found.node_count, found.empty_count)
    assert (0.5, 12.5) == (found.inside.value, found.lift.value)
    assert (0.5, 0.34) == pytest.approx((found.pointed.value, found.pointed_above_chance.value))


def test_all_maps_empty_give_no_means():
    """Nothing is said of where nothing is."""
    found = localisation([located(heat_at({}), NODE, NEAR)] * 2, np.array(["a", "b"]))

    assert 2 == found.empty_count
    assert found.lift is None
    assert found.rank_above_chance is None


def test_a_network_that_looks_at_the_node_is_told_from_one_that_does_not():
    """Heat on bright nodes is all inside; heat on a mark beside them is all outside, and near only with a margin."""
    crops = disc_crops(8, marked=True)
    nodes = held_out(crops)
    at_node, at_mark = (
        located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm)
        for network, margin_mm in ((Bright(AT_NODE), 3.0), (Bright(AT_MARK), 40.0))
    )

    assert all(each.inside > 0.99 and each.pointed == 1 for each in at_node[::2])
    assert [True, False] * 4 == [each.empty for each in at_mark]
    assert {(0.0, 1.0)} == {(each.inside, each.near) for each in at_mark[1::2]}


def test_patients_are_the_unit():
    """Nodes of one patient that repeat each other do not narrow the interval."""
    rng = np.random.default_rng(0)
    maps = [Located(0.1, 0.2, *rng.random(6)) for _ in range(30)]
    alone = localisation(maps, np.arange(30).astype(str)).lift
    repeated = localisation([each for each in maps for _ in range(4)], np.repeat(np.arange(30), 4).astype(str)).lift

    assert (alone.lower, alone.upper) == pytest.approx((repeated.lower, repeated.upper))
