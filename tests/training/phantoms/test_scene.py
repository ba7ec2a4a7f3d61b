"""Neighbourhoods of nodes."""

import numpy as np
import pytest

from training.phantoms.acquisition import Acquisition
from training.phantoms.presets import LITERATURE
from training.phantoms.scene import PLACE_MM, draw_nodes, draw_scene, hu_at


@pytest.fixture(scope="module")
def scenes():
    """Fifty scenes."""
    generators = [np.random.default_rng(seed) for seed in range(50)]
    return [draw_scene(rng, draw_nodes(rng, LITERATURE, of_one_class=False)) for rng in generators]


def test_nothing_touches_a_node(scenes):
    """Nodes keep apart from each other, from vessels and from bowel, and lie near the middle."""
    for scene in scenes:
        assert 1 <= len(scene.nodes) <= 3
        for number, node in enumerate(scene.nodes):
            shape = node.shape
            assert (np.abs(shape.centre_mm) <= PLACE_MM).all()
            for other in scene.nodes[:number]:
                apart = np.linalg.norm(shape.centre_mm - other.shape.centre_mm)
                assert apart > shape.reach_mm + other.shape.reach_mm
            for tube in (*scene.vessels, *scene.bowel):
                assert tube.distance_mm(shape.centre_mm) > tube.radius_mm + shape.reach_mm


def test_patients_may_have_both_kinds(scenes):
    """Some scenes hold benign and metastatic nodes together, unless nodes of one class are asked for."""
    kinds = [{node.latents.metastatic for node in scene.nodes} for scene in scenes]
    alike = [draw_nodes(np.random.default_rng(seed), LITERATURE, of_one_class=True) for seed in range(50)]

    assert {True, False} in kinds
    assert {1} == {len({latents.metastatic for latents in nodes}) for nodes in alike}
    assert {True, False} == {nodes[0].metastatic for nodes in alike}


def test_a_node_is_drawn_as_its_features_say(scenes):
    """Before blur and noise, mean and SD inside a node without signs are those of its features."""
    points = Acquisition(0.8, 2.4, 0.7, 10.0, 0.18).fine_points()
    scene = next(s for s in scenes if not s.nodes[0].latents.necrosis and not s.nodes[0].latents.hilum)
    node = scene.nodes[0]
    inside = hu_at(scene, points, 0.8)[node.shape.depth(points) <= 1]

    assert inside.mean() == pytest.approx(node.latents.mean_hu, abs=node.latents.texture_hu / 2)
    assert inside.std() == pytest.approx(node.latents.texture_hu, rel=0.25)


def test_features_can_be_exchanged_in_place(scenes):
    """Another node at the same place has its own size and the same centre, axes and bumps."""
    node, other = scenes[0].nodes[0], scenes[1].nodes[0].latents
    exchanged = node.with_features(other)

    assert exchanged.shape.half_axes_mm[1] == pytest.approx(other.short_axis_mm / 2)
    assert exchanged.shape.roughness == other.roughness
    assert exchanged.shape.centre_mm is node.shape.centre_mm
    assert exchanged.shape.surface is node.shape.surface
