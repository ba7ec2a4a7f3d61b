"""A scored CT, with all that a page shows of it."""

import numpy as np
from numpy.testing import assert_allclose

from imaging.geometry import Geometry
from imaging.separation import find_nodes
from imaging.volume import Volume
from service.findings import Heat
from service.pages.study import look_at, study_of_files
from tests.imaging.scenes import axis_orders, ellipsoids, volume_in_order
from tests.service.pages.studies import study
from tests.service.scans import LARGE_MM, scan


def test_what_was_just_scored_has_the_crops_of_the_network():
    """Pixels, outline and heat are on one grid; a node without score has none."""
    made = study()

    assert [1, 2] == sorted(made.looks)
    assert made.looks[1].crop.pixels.shape == made.looks[1].heat.shape
    assert 0.5 == made.looks[1].heat.max()
    assert [1, 2, 3] == [node.label for node in made.nodes]


def test_what_was_stored_is_shown_as_the_ct_has_it():
    """The slice of the largest cross-section at the window of soft tissue, with the heat map at its place."""
    before = study()
    made = study_of_files("case-1", before.volume, before.nodes, before.findings, before.heat)
    look = made.looks[1]

    assert [1, 2] == sorted(made.looks)
    assert (1, 80, 80) == look.crop.pixels.shape
    assert abs(look.crop.geometry.origin_mm[2] - LARGE_MM[2]) < 1.5
    assert 0.5 == look.heat[look.crop.node_mask].max()
    assert 0.0 == look.heat[0, :10].max()


def test_a_ct_without_heat_map_is_shown_without_heat():
    """Where no heat was asked for there is nothing but zeros."""
    before = study()
    made = study_of_files("case-1", before.volume, before.nodes, before.findings, None)

    assert not any(look.heat.any() for look in made.looks.values())


def test_all_storage_orders_of_a_ct_show_the_same():
    """A picture is of the patient, and not of the array."""
    volume, _ = scan()
    node = study().nodes[0]
    expected = look_at(volume, node, None).crop.pixels

    for order in list(axis_orders())[::11]:
        assert_allclose(look_at(volume_in_order(volume, order), node, None).crop.pixels, expected, atol=1e-4)


def test_a_large_node_fits_its_picture():
    """The picture grows with the node."""
    grid = Geometry((20, 80, 80), (2.0, 1.0, 1.0))
    [node] = find_nodes(ellipsoids(grid, ((40.0, 40.0, 20.0), (35.0, 10.0, 8.0))))
    look = look_at(Volume(np.zeros(grid.shape, np.int16), grid), node, Heat(np.zeros(grid.shape, np.float32), grid))

    assert not look.crop.node_mask[0, :, [0, -1]].any()
    assert look.crop.node_mask.any()
