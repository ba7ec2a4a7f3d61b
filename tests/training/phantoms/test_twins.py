"""Twins: one scene, one node."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from training.phantoms.presets import LITERATURE, PRESETS
from training.phantoms.twins import draw_twins

SURROUND_MM = 4.0
"""How far the point-spread carries a node's edge: four SDs of 0.8 mm, and a pixel."""


@pytest.fixture(scope="module")
def all_twins():
    """Four of them."""
    return [draw_twins(7, number) for number in range(1, 5)]


def surround(mask):
    """The node and what it is blurred into, within a slice and in the slices that touch it."""
    _, pixel_mm, _ = mask.geometry.spacing_mm
    steps = int(np.ceil(SURROUND_MM / pixel_mm))
    in_plane = binary_dilation(mask.labels > 0, np.ones((1, 3, 3)), iterations=steps)
    return binary_dilation(in_plane, np.ones((3, 1, 1)))


def test_twins_differ_in_the_node_only(all_twins):
    """All three CTs are equal, noise included, but for the node and what it is blurred into; there they differ."""
    for twins in all_twins:
        near = surround(twins.mask)
        for one, other in (
            (twins.benign, twins.absent),
            (twins.metastatic, twins.absent),
            (twins.benign, twins.metastatic),
        ):
            differs = one.hu != other.hu
            assert one.geometry == other.geometry
            assert not differs[~near].any()
            assert differs[twins.mask.labels > 0].mean() > 0.5


def test_where_there_is_no_node_there_is_fat(all_twins):
    """Inside the mask the absent twin has the density of fat, the others that of nodes."""
    for twins in all_twins:
        inside = twins.mask.labels > 0
        assert twins.absent.hu[inside].mean() == pytest.approx(-100, abs=8)
        assert twins.benign.hu[inside].mean() > -40
        assert twins.metastatic.hu[inside].mean() > 0


def test_every_feature_is_shifted(all_twins):
    """The metastatic twin is the benign one, shifted as the preset says."""
    for twins in all_twins:
        benign, metastatic = twins.latents
        assert [False, True] == [benign.metastatic, metastatic.metastatic]
        assert metastatic.size - benign.size == pytest.approx(LITERATURE.shifts[0])


def test_texture_alone_leaves_the_outline():
    """In twins of texture-only, the benign and the metastatic node have the same size and density."""
    benign, metastatic = draw_twins(7, 1, PRESETS["texture-only"]).latents

    assert benign.short_axis_mm == metastatic.short_axis_mm
    assert benign.mean_hu == metastatic.mean_hu
    assert benign.texture_hu < metastatic.texture_hu


def test_twins_depend_on_seed_and_number_only(all_twins):
    """The same again is the same; another seed or number is another scene."""
    again, other = draw_twins(7, 2), draw_twins(8, 2)

    np.testing.assert_array_equal(again.metastatic.hu, all_twins[1].metastatic.hu)
    np.testing.assert_array_equal(again.mask.labels, all_twins[1].mask.labels)
    assert again.latents != other.latents
