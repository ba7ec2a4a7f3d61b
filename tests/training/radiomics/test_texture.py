"""How neighbouring voxels go together."""

from itertools import permutations, product

import numpy as np
import pytest

from tests.training.radiomics.phantom import GREY, INSIDE, noisy
from training.radiomics.intensity import BIN_HU
from training.radiomics.texture import CODES, DIRECTIONS, texture_features


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("glcm_contrast", "5.12"),
        ("glcm_joint_entropy", "2.57"),
        ("glcm_inverse_difference", "0.688"),
        ("glcm_correlation", "0.183"),
        ("glcm_cluster_shade", "17.4"),
    ],
)
def test_the_digital_phantom_has_its_published_values(name, published):
    """IBSI's phantom gives IBSI's values for the merged matrix, in the three digits that are published."""
    assert published == f"{texture_features(GREY, INSIDE, bin_hu=1)[name]:.3g}"


def test_half_of_the_neighbours_are_directions():
    """Each of the 26 neighbours is a direction or the opposite of one, and none is both."""
    opposite = {tuple(-d for d in step) for step in DIRECTIONS}

    assert 13 == len(DIRECTIONS)
    assert set(product((-1, 0, 1), repeat=3)) - {(0, 0, 0)} == opposite | set(DIRECTIONS)


def test_two_voxels_are_one_pair():
    """Levels 0 and 3 side by side: the closed forms."""
    found = texture_features(np.array([[[10.0, 3 * BIN_HU]]]), np.ones((1, 1, 2), dtype=bool))

    assert {
        "glcm_contrast": 9.0,
        "glcm_joint_entropy": 1.0,
        "glcm_inverse_difference": 0.25,
        "glcm_correlation": -1.0,
        "glcm_cluster_shade": 0.0,
    } == pytest.approx(found)


def test_the_order_of_the_axes_does_not_matter():
    """A node has the same texture however its voxels are stored."""
    hu, inside = noisy()

    for axes in permutations(range(3)):
        turned = texture_features(np.flip(hu.transpose(axes), 1), np.flip(inside.transpose(axes), 1))
        assert texture_features(hu, inside) == pytest.approx(turned)


def test_a_shift_by_whole_bins_changes_nothing():
    """Texture is about differences."""
    hu, inside = noisy()

    assert texture_features(hu, inside) == pytest.approx(texture_features(hu - 4 * BIN_HU, inside))


@pytest.mark.parametrize("inside", [np.ones((3, 3, 3), dtype=bool), np.indices((3, 3, 3)).sum(axis=0) == 0])
def test_without_differences_there_is_no_texture(inside):
    """A flat node, and one of a single voxel, are perfectly even."""
    found = texture_features(np.full((3, 3, 3), 40.0), inside)

    assert [0, 0, 1, 1, 0] == list(found.values())
    assert list(CODES) == list(found)
