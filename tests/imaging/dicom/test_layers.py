"""Marks that overlap become one label map, and nothing is lost without a word."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from imaging.dicom.layers import Layer, chosen, merged
from imaging.dicom.study import Mark
from imaging.errors import UnknownMark, UnreadableMarking
from imaging.geometry import Geometry

LINE = Geometry((1, 1, 8), (1.0, 1.0, 1.0))
MARKS = [Mark(1, "Left  axilla"), Mark(2, "right axilla"), Mark(3, "Node")]


def layer(label, *voxels):
    """A layer of a mark."""
    return Layer(MARKS[label - 1], np.asarray(voxels, dtype=np.int64))


def test_a_voxel_of_two_marks_belongs_to_the_smaller():
    """Whichever comes first; the notice names both."""
    marked = merged([layer(1, 2, 3), layer(2, 0, 1, 2, 3, 4), layer(3, 7)], LINE)

    assert [2, 2, 1, 1, 2, 0, 0, 3] == marked.mask.labels.ravel().tolist()
    assert tuple(MARKS) == marked.marks
    assert ("'Left  axilla', 'right axilla' overlap; a voxel of several belongs to the smallest",) == marked.notices


def test_a_mark_that_is_hidden_is_told():
    """Of two equal marks the later is kept, and the other is no mark of the study."""
    marked = merged([layer(1, 2, 3), layer(3, 2, 3)], LINE)

    assert (MARKS[2],) == marked.marks
    assert "'Left  axilla' was passed over: it lies wholly within others that are no larger" == marked.notices[1]


def test_a_mark_without_voxels_is_told():
    """It is passed over."""
    marked = merged([layer(1), layer(2, 5)], LINE)

    assert (MARKS[1],) == marked.marks
    assert ("'Left  axilla' was passed over: it has no voxel",) == marked.notices


def test_nothing_at_all_is_refused():
    """A marking that marks nothing is an error, not an empty answer."""
    with pytest.raises(UnreadableMarking, match="nothing is marked"):
        merged([layer(1)], LINE)


def test_many_marks_need_wider_labels():
    """More than 255 marks keep labels of their own."""
    marked = merged([Layer(Mark(300, "far"), np.asarray([0]))], LINE)

    assert np.uint16 == marked.mask.labels.dtype
    assert_array_equal([300], np.unique(marked.mask.labels)[1:])


def test_names_are_compared_as_people_do():
    """Case and spacing do not matter; no name means all."""
    assert [MARKS[0]] == chosen(MARKS, ["left axilla"])
    assert MARKS == chosen(MARKS, [])
    with pytest.raises(UnknownMark, match="as 'liver'; there is 'Left  axilla', 'right axilla', 'Node'"):
        chosen(MARKS, ["Node", "liver"])
