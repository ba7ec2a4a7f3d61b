"""Neighbourhoods of nodes."""

import numpy as np

from training.phantoms.scene import PLACE_MM, draw_scene


def test_nothing_touches_a_node():
    """In 50 scenes, nodes keep apart from each other, from vessels and from bowel, and lie near the middle."""
    for seed in range(50):
        scene = draw_scene(np.random.default_rng(seed))
        assert 1 <= len(scene.nodes) <= 3
        for number, node in enumerate(scene.nodes):
            shape = node.shape
            assert (np.abs(shape.centre_mm) <= PLACE_MM).all()
            for other in scene.nodes[:number]:
                apart = np.linalg.norm(shape.centre_mm - other.shape.centre_mm)
                assert apart > shape.reach_mm + other.shape.reach_mm
            for tube in (*scene.vessels, *scene.bowel):
                assert tube.distance_mm(shape.centre_mm) > tube.radius_mm + shape.reach_mm


def test_patients_may_have_both_kinds():
    """Among 50 scenes some hold benign and metastatic nodes together."""
    kinds = [{node.latents.metastatic for node in draw_scene(np.random.default_rng(seed)).nodes} for seed in range(50)]

    assert {True, False} in kinds
