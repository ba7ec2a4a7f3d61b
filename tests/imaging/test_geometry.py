"""A grid knows where its voxels are in the patient, and refuses to be one that cannot exist."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from imaging.box import Box
from imaging.errors import InvalidGeometry
from imaging.geometry import Geometry
from tests.imaging.scenes import axis_orders, reordered


@st.composite
def geometries(draw):
    """Grids of any spacing, place and rotation, mirrored ones among them."""
    numbers = st.floats(-1.0, 1.0)
    matrix = np.asarray(draw(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=3, max_size=3)))
    axes, _ = np.linalg.qr(matrix + 3 * np.eye(3))
    return Geometry(
        shape=draw(st.tuples(*[st.integers(1, 50)] * 3)),
        spacing_mm=draw(st.tuples(*[st.floats(0.1, 10.0)] * 3)),
        origin_mm=draw(st.tuples(*[st.floats(-1000.0, 1000.0)] * 3)),
        direction=tuple(map(tuple, axes.tolist())),
    )


triples = st.tuples(*[st.floats(-100.0, 100.0)] * 3)


class TestPlaces:
    @given(geometries(), triples)
    def test_an_index_survives_the_trip_to_the_patient_and_back(self, grid, index):
        """indices_at undoes points_at, on every grid."""
        assert_allclose(grid.indices_at(grid.points_at([index])), [index], atol=1e-6)

    @given(geometries())
    def test_cropping_moves_the_origin_and_nothing_else(self, grid):
        """A voxel of a cropped grid lies where it lay in the whole."""
        region = tuple(slice(n // 3, n) for n in grid.shape)
        part = grid.cropped(region)

        last = np.asarray(part.shape) - 1
        assert_allclose(part.points_at([last]), grid.points_at([last + [s.start for s in region]]), atol=1e-6)

    def test_steps_follow_spacing_and_direction(self):
        """One slice up is one spacing along the first axis."""
        grid = Geometry((2, 2, 2), (5.0, 0.7, 0.6), (1.0, 2.0, 3.0))

        assert_allclose(grid.points_at([(1, 0, 0), (0, 1, 0), (0, 0, 1)]), [(1, 2, 8), (1, 2.7, 3), (1.6, 2, 3)])

    def test_the_box_reaches_to_the_outer_faces(self):
        """A grid's box ends half a voxel beyond the outermost centres."""
        box = Geometry((2, 3, 4), (5.0, 2.0, 1.0)).box

        assert ((-0.5, -1.0, -2.5), (3.5, 5.0, 7.5)) == (box.lower_mm, box.upper_mm)


class TestRegion:
    @given(geometries())
    def test_a_region_covers_the_box_it_was_asked_for(self, grid):
        """The voxels of a region enclose the part of the box that lies in the grid."""
        x, y, z = grid.points_at([(np.asarray(grid.shape) - 1) / 2])[0].tolist()
        box = Box((x, y, z), (x, y, z)).grown(0.3 * min(grid.spacing_mm))

        part = grid.cropped(grid.region_of(box, margin=1)).box

        assert (np.asarray(part.lower_mm) <= np.asarray(box.lower_mm) + 1e-9).all()
        assert (np.asarray(part.upper_mm) >= np.asarray(box.upper_mm) - 1e-9).all()

    def test_a_box_that_misses_the_grid_has_no_region(self):
        """No overlap, no region; a touch of the outer faces is enough for one."""
        grid = Geometry((10, 10, 10), (1.0, 1.0, 1.0))

        assert grid.region_of(Box((20.0, 0.0, 0.0), (30.0, 5.0, 5.0)), margin=3) is None
        assert grid.region_of(Box((9.4, 0.0, 0.0), (30.0, 5.0, 5.0)), margin=0) is not None

    def test_a_margin_ends_at_the_grid(self):
        """A margin is cut at the first and last voxel."""
        grid = Geometry((10, 10, 10), (1.0, 1.0, 1.0))

        region = grid.region_of(Box((1.0, 4.0, 8.0), (2.0, 5.0, 9.0)), margin=3)
        assert (slice(5, 10), slice(1, 9), slice(0, 6)) == region


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"shape": (0, 5, 5)}, "at least one voxel"),
        ({"spacing_mm": (1.0, 0.0, 1.0)}, "above 0 mm"),
        ({"spacing_mm": (1.0, -1.0, 1.0)}, "above 0 mm"),
        ({"spacing_mm": (1.0, float("nan"), 1.0)}, "above 0 mm"),
        ({"origin_mm": (0.0, float("inf"), 0.0)}, "finite"),
        ({"direction": ((0, 0, 1), (0, 1, 0.2), (1, 0, 0))}, "orthogonal"),
        ({"direction": ((0, 0, 2), (0, 1, 0), (1, 0, 0))}, "orthogonal"),
        ({"direction": ((0, 0, float("nan")), (0, 1, 0), (1, 0, 0))}, "orthogonal"),
    ],
)
def test_a_grid_that_cannot_exist_is_refused(wrong, says):
    """Empty axes, spacings that are not above 0 and sheared axes are each named."""
    with pytest.raises(InvalidGeometry, match=says):
        Geometry(**{"shape": (5, 5, 5), "spacing_mm": (1.0, 1.0, 1.0), **wrong})


@pytest.mark.parametrize("order", list(axis_orders()))
def test_upright_spacing_ignores_the_order_of_storage(order):
    """Spacing along z, y and x is that of the scene, however it is stored."""
    grid = Geometry((4, 5, 6), (3.0, 0.8, 0.7))
    _, stored = reordered(np.zeros(grid.shape), grid, order)

    assert (3.0, 0.8, 0.7) == stored.upright_spacing_mm
