"""Size and shape of a region."""

from itertools import permutations
from math import pi, sqrt

import numpy as np
import pytest

from tests.training.radiomics.phantom import INSIDE, SPACING_MM, ball, noisy
from training.radiomics.shape import CODES, shape_features


@pytest.mark.parametrize(
    ("name", "published"),
    [("volume_mm3", "592"), ("max_diameter_mm", "13.1"), ("elongation", "0.816"), ("flatness", "0.749")],
)
def test_the_digital_phantom_has_its_published_values(name, published):
    """IBSI's phantom gives IBSI's values, in the three digits that are published."""
    assert published == f"{shape_features(INSIDE, SPACING_MM)[name]:.3g}"


def test_the_mesh_of_the_digital_phantom_has_more_area():
    """The estimated surface is no mesh: it stays within 5 % of IBSI's 388 mm², and carries no code of IBSI's."""
    assert shape_features(INSIDE, SPACING_MM)["crofton_area_mm2"] == pytest.approx(388, rel=0.05)
    assert {"crofton_area_mm2", "crofton_sphericity"} == {name for name, code in CODES.items() if not code}


@pytest.mark.parametrize("radius", [6, 12])
def test_a_ball_is_measured_as_a_ball(radius):
    """Volume, area and diameter are those of the closed forms, and all ratios are 1."""
    found = shape_features(ball(radius), (1.0, 1.0, 1.0))

    assert 4 / 3 * pi * radius**3 == pytest.approx(found["volume_mm3"], rel=0.03)
    assert 4 * pi * radius**2 == pytest.approx(found["crofton_area_mm2"], rel=0.03)
    assert 2 * radius == pytest.approx(found["max_diameter_mm"], abs=1)
    assert [1, 1, 1] == pytest.approx([found[n] for n in ("crofton_sphericity", "elongation", "flatness")], abs=0.02)


def test_a_box_is_measured_as_a_box():
    """The principal deviations of n voxels in a row go as n² - 1; the mesh cuts the corners half a voxel deep."""
    found = shape_features(np.ones((6, 10, 20), dtype=bool), (1.0, 1.0, 1.0))

    assert 1200 == found["volume_mm3"]
    assert sqrt(99 / 399) == pytest.approx(found["elongation"])
    assert sqrt(35 / 399) == pytest.approx(found["flatness"])
    assert sqrt(20**2 + 9**2 + 5**2) == pytest.approx(found["max_diameter_mm"])


def test_the_order_of_the_axes_does_not_matter():
    """A region has the same shape however its voxels are stored."""
    _, mask = noisy()
    spacing_mm = (2.5, 0.8, 1.1)
    expected = shape_features(mask, spacing_mm)

    for axes in permutations(range(3)):
        turned = shape_features(mask.transpose(axes), tuple(spacing_mm[axis] for axis in axes))
        assert expected == pytest.approx(turned)


def test_twice_the_spacing_is_twice_the_size():
    """Lengths double, areas and volumes follow, and ratios stay."""
    _, mask = noisy()
    single, double = (shape_features(mask, (step, 2 * step, step)) for step in (0.7, 1.4))
    powers = {"volume_mm3": 3, "crofton_area_mm2": 2, "max_diameter_mm": 1}

    assert {name: value * 2 ** powers.get(name, 0) for name, value in single.items()} == pytest.approx(double)


def test_a_single_voxel_has_a_shape():
    """The smallest region has finite features; as it points nowhere, it is neither long nor flat."""
    found = shape_features(np.ones((1, 1, 1), dtype=bool), (1.0, 1.0, 1.0))

    assert np.isfinite(list(found.values())).all()
    assert (1.0, 1.0) == (found["elongation"], found["flatness"])
    assert list(CODES) == list(found)
