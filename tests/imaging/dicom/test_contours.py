"""Contours belong to the slice on whose plane they were drawn, or they are refused by their number."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from imaging.dicom.contours import contours_of, is_closed
from imaging.dicom.instances import items_of
from imaging.dicom.study import Mark
from imaging.errors import UnreadableMarking
from tests.imaging.dicom.markings import changed, ring, structure_set
from tests.imaging.dicom.scene import CT, GRID
from tests.imaging.series import slices_of

SLICES = slices_of(CT)
NODE = Mark(1, "node")


def drawn(*contours, **changes):
    """Items of a Contour Sequence; ``changes`` set attributes of the last."""
    items = items_of(changed(structure_set(SLICES, {"node": contours})), "ROIContourSequence", "ContourSequence")
    for keyword, value in changes.items():
        setattr(items[-1], keyword, value)
    return items


def circle(k, radius=4.0):
    """Points around the middle of a slice."""
    return ring(GRID, k, (10.0, 10.0), radius, corners=12)


def test_contours_are_grouped_by_slice():
    """Vertices are rows and columns with their fractions; a plane up to half a step away is that of the slice."""
    found = contours_of(drawn(circle(2), circle(4.4), circle(2, radius=2.0)), NODE, SLICES, GRID)

    assert {2: [1, 3], 4: [2]} == {k: [contour.number for contour in beside] for k, beside in found.items()}
    assert_allclose([10.0, 14.0], found[2][0].vertices[0], atol=1e-4)
    assert_allclose(4.4, found[4][0].depth, atol=1e-4)


@pytest.mark.parametrize("noise", [-1e-5, 0.0, 1e-5])
def test_contours_half_way_keep_their_distance(noise):
    """Contours half-way between slices all go to the next one, whatever rounding does to them."""
    found = contours_of(drawn(*(circle(k + noise) for k in (2.5, 3.5, 4.5))), NODE, SLICES, GRID)

    assert [3, 4, 5] == list(found)


def test_contours_from_memory_are_read_too():
    """Not only those whose numbers are still text."""
    item = structure_set(SLICES, {"node": [circle(3)]}).ROIContourSequence[0].ContourSequence[0]

    assert [3] == list(contours_of([item], NODE, SLICES, GRID))


def test_only_closed_contours_enclose_something():
    """Points and open lines do not."""
    [item] = drawn(circle(2))

    assert is_closed(item)
    item.ContourGeometricType = "OPEN_PLANAR"
    assert not is_closed(item)


class TestRefusals:
    @pytest.mark.parametrize(
        ("items", "says"),
        [
            (
                drawn(circle(1), circle(2), ContourGeometricType="POINT"),
                "contour 2 of 'node' is a point or an open line",
            ),
            (drawn(circle(2), ContourGeometricType="OPEN_PLANAR"), "contour 1 of 'node' is a point or an open line"),
            (drawn(circle(2)[:2]), "fewer than three readable points"),
            (drawn(circle(2), ContourData=[1.0, 2.0, 3.0, 4.0]), "no readable points"),
            (drawn(circle(9)), "beyond the slices of the CT"),
            (drawn(circle(-0.6)), "beyond the slices of the CT"),
            (
                drawn(circle(3), circle(2.6)),
                "contour 2 of 'node' lies at another height of the same slice than contour 1",
            ),
            (drawn(circle(3) + np.linspace(0, 1, 12)[:, None] * [0, 0, 1.0]), "not parallel to the slices"),
        ],
    )
    def test_a_contour_is_named_by_its_number(self, items, says):
        """What is wrong is said, and its path."""
        with pytest.raises(UnreadableMarking, match=says) as caught:
            contours_of(items, NODE, SLICES, GRID)

        assert "marking.rois[1].contours[" in caught.value.field

    def test_a_contour_that_names_another_slice(self):
        """Reference and plane contradict each other; which of them is meant is not guessed."""
        items = drawn(circle(2))
        items[0].ContourImageSequence[0].ReferencedSOPInstanceUID = SLICES[3].SOPInstanceUID

        with pytest.raises(UnreadableMarking, match="contour 1 of 'node' names instance 97, and does not lie on it"):
            contours_of(items, NODE, SLICES, GRID)
