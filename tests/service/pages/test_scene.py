"""What the viewer draws."""

import base64
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose

from imaging.geometry import Geometry
from imaging.itk import geometry_of
from imaging.node import Node
from imaging.volume import Volume
from service.pages.scene import Scene
from tests.service.pages.studies import study
from tests.service.scans import GRID


@pytest.fixture
def unpacked(tmp_path):
    """Reads an image of a scene."""

    def read(base64_text):
        path = tmp_path / "image.nii.gz"
        path.write_bytes(base64.b64decode(base64_text))
        return sitk.ReadImage(path)

    return read


def larger_ct():
    """The scan in the middle of a larger CT."""
    margin = 40
    hu = np.pad(study().volume.hu, margin, constant_values=-1000.0)
    [(x, y, z)] = GRID.points_at([(-margin,) * 3]).tolist()
    return Volume(hu, Geometry(hu.shape, GRID.spacing_mm, (x, y, z)))


def test_all_images_are_on_the_grid_of_the_ct(unpacked):
    """CT, nodes and heat lie on one another, and where the CT has them."""
    scene = Scene.of(study())
    ct, nodes, heat = map(unpacked, (scene.ct, scene.nodes, scene.heat))

    for image in (ct, nodes, heat):
        assert geometry_of(image).shape == GRID.shape
        assert_allclose(image.GetOrigin(), GRID.origin_mm, atol=1e-4)
    assert sitk.sitkInt16 == ct.GetPixelID()
    assert_allclose(sitk.GetArrayFromImage(ct), study().volume.hu, atol=0.5)
    assert [0, 1, 2, 3] == np.unique(sitk.GetArrayFromImage(nodes)).tolist()
    assert 1.5 == sitk.GetArrayFromImage(heat).max()


def test_a_large_ct_is_cut_down_to_the_nodes_and_their_surroundings(unpacked):
    """Thirty millimetres around the nodes are shown, and the page says how much that is."""
    scene = Scene.of(replace(study(), volume=larger_ct(), heat=None))
    width, height, length = geometry_of(unpacked(scene.ct)).box.size_mm

    assert (width, height, length) == pytest.approx((90, 71, 75), abs=2)
    assert "the part of the CT around the nodes" in scene.shown
    assert "" == scene.heat


def test_what_is_still_too_large_is_thinned_and_said_so(unpacked):
    """Neighbouring voxels are averaged along the finest axis first; place and heat stay."""
    scene = Scene.of(study(), largest_voxel_count=20_000)
    geometry = geometry_of(unpacked(scene.ct))

    assert np.prod(geometry.shape) <= 20_000
    assert "means of neighbouring voxels" in scene.shown
    assert_allclose(geometry.box.lower_mm, GRID.box.lower_mm, atol=1e-3)
    assert_allclose(sitk.GetArrayFromImage(unpacked(scene.ct)).mean(), study().volume.hu.mean(), atol=1)
    assert 1.5 == sitk.GetArrayFromImage(unpacked(scene.heat)).max()


def test_a_ct_without_nodes_has_nothing_to_show():
    """Nor has one whose nodes lie elsewhere."""
    far = Node(1, np.ones((1, 1, 1), bool), Geometry((1, 1, 1), (1.0, 1.0, 1.0), (900.0, 0.0, 0.0)))

    assert Scene.of(replace(study(), nodes=())) is None
    assert Scene.of(replace(study(), nodes=(far,))) is None
