"""A pixel is in when its centre is, for any polygons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from imaging.dicom.polygons import filled

ROWS, COLUMNS = 9, 11

SQUARE = np.asarray([(1.0, 1.0), (1.0, 7.0), (7.0, 7.0), (7.0, 1.0)])
HOLE = np.asarray([(2.5, 2.5), (2.5, 5.5), (5.5, 5.5), (5.5, 2.5)])


def corner():
    """A vertex, on pixel centres as often as between them, in the image or beyond it."""
    return st.tuples(*(st.integers(-4, 2 * n + 4).map(lambda v: v / 2) for n in (ROWS, COLUMNS)))


def crossings(polygon, row, column):
    """How often a ray from a point to lower columns crosses a polygon, edge by edge."""
    count = 0
    for (r1, c1), (r2, c2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if (r1 <= row) != (r2 <= row):
            count += c1 + (row - r1) / (r2 - r1) * (c2 - c1) <= column
    return count


@given(st.lists(st.lists(corner(), min_size=3, max_size=7).map(np.asarray), min_size=1, max_size=3))
def test_a_pixel_is_in_where_a_ray_crosses_an_odd_number_of_edges(polygons):
    """The fill of whole lines is that of single pixels, also where polygons leave the image or cross themselves."""
    expected = [
        [sum(crossings(polygon, row, column) for polygon in polygons) % 2 == 1 for column in range(COLUMNS)]
        for row in range(ROWS)
    ]

    assert_array_equal(expected, filled(polygons, ROWS, COLUMNS))


@given(st.floats(0, 8), st.floats(0, 10))
def test_polygons_that_share_edges_neither_overlap_nor_leave_a_gap(row, column):
    """Four triangles around any point of a rectangle fill it, each pixel once."""
    corners = [(-0.5, -0.5), (-0.5, 10.5), (8.5, 10.5), (8.5, -0.5)]
    triangles = [np.asarray([a, b, (row, column)]) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]

    counts = sum(filled([triangle], ROWS, COLUMNS).astype(int) for triangle in triangles)

    assert_array_equal(np.ones((ROWS, COLUMNS)), counts)


@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
def test_an_inner_polygon_is_a_hole(hole):
    """Whichever way round it was drawn."""
    inside = filled([SQUARE, hole], ROWS, COLUMNS)

    assert not inside[3:6, 3:6].any()
    assert 36 - 9 == inside.sum()


def test_a_keyhole_is_a_hole():
    """One outline that goes in along a line, around, and out along the same line."""
    keyhole = np.concatenate([SQUARE, SQUARE[:1], HOLE[::-1], HOLE[-1:]])

    assert_array_equal(filled([SQUARE, HOLE], ROWS, COLUMNS), filled([keyhole], ROWS, COLUMNS))


def test_nothing_is_in_no_polygon():
    """Neither without polygons nor with one that lies beyond the image."""
    assert not filled([], ROWS, COLUMNS).any()
    assert not filled([SQUARE + 100], ROWS, COLUMNS).any()
