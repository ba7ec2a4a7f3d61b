"""Frames are placed by where they are in the patient, in whatever order they come."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pydicom.dataset import Dataset

from imaging.dicom.frames import Groups, planes_of
from imaging.errors import UnreadableMarking
from imaging.geometry import Geometry
from tests.imaging.dicom.scene import GRID

AXIAL = [1, 0, 0, 0, 1, 0]


def item(**attributes):
    """An item of a sequence."""
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def groups(*heights_mm, shift_mm=0.0, **measures):
    """Functional groups of axial frames at heights; each is shifted further to the left."""
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=AXIAL)],
        PixelMeasuresSequence=[item(**{"PixelSpacing": [0.8, 0.8]} | measures)],
    )
    positions = [[10.0 + n * shift_mm, -20.0, float(z)] for n, z in enumerate(heights_mm)]
    own = [item(PlanePositionSequence=[item(ImagePositionPatient=position)]) for position in positions]
    return Groups(own, [shared])


def grid_of(found, ct=GRID):
    """The grid of all frames, and the index of each."""
    planes = planes_of(found, range(len(found.own)), (20, 21), ct)
    return planes.geometry, planes.indices


def test_frames_may_come_in_any_order_and_leave_planes_out():
    """On the CT's slices, the CT's step tells how many planes lie between two frames."""
    grid, indices = grid_of(groups(45.0, 35.0, 37.5))

    assert (4, 0, 1) == indices
    assert Geometry((5, 20, 21), (2.5, 0.8, 0.8), (10.0, -20.0, 35.0)) == grid


@pytest.mark.parametrize(
    ("heights_mm", "measures", "step_mm"),
    [
        ((35, 40), {}, 2.5),
        ((35, 40), {"SpacingBetweenSlices": 5.0}, 5.0),
        ((35, 40), {"SpacingBetweenSlices": 1.25}, 2.5),
        ((35, 40), {"SpacingBetweenSlices": 3.0}, 2.5),
        ((35.9, 36.9, 39.9), {"SpacingBetweenSlices": 0.5}, 0.5),
        ((35.9, 36.9, 39.9), {"SpacingBetweenSlices": 0.0}, 1.0),
        ((35.9,), {"SliceThickness": 3.0}, 3.0),
        ((35.0,), {"SliceThickness": 3.0}, 2.5),
    ],
)
def test_the_step_is_the_largest_likely_one_that_fits(heights_mm, measures, step_mm):
    """What is written counts where it fits; a smaller step would leave holes between frames that touch."""
    grid, _ = grid_of(groups(*heights_mm, **measures))

    assert_allclose(step_mm, grid.spacing_mm[0])


def test_a_frame_has_groups_of_its_own_or_shares_them():
    """What a frame says of itself counts more than what all share."""
    found = groups(35, 37.5)
    for own in found.own:
        own.PixelMeasuresSequence = [item(PixelSpacing=[0.4, 0.4])]

    assert (2.5, 0.4, 0.4) == grid_of(found)[0].spacing_mm


def test_frames_need_not_lie_along_the_ct():
    """A segmentation on sagittal planes has a grid of its own."""
    found = groups(0)
    found.shared[0].PlaneOrientationSequence[0].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    found.own.append(item(PlanePositionSequence=[item(ImagePositionPatient=[7.0, -20.0, 0.0])]))

    grid, indices = grid_of(found)

    assert (0, 1) == indices
    assert_allclose([[-1, 0, 0], [0, 0, -1], [0, 1, 0]], np.asarray(grid.direction))
    assert_allclose(3.0, grid.spacing_mm[0])


class TestRefusals:
    def test_uneven_frames(self):
        """Heights that are multiples of nothing are no grid."""
        with pytest.raises(UnreadableMarking, match="uneven"):
            grid_of(groups(35.1, 36.1, 37.6))

    def test_a_lone_frame_of_unknown_thickness(self):
        """Off the CT's slices and without a thickness it fills no space."""
        with pytest.raises(UnreadableMarking, match="how thick"):
            grid_of(groups(35.9))

    def test_frames_that_are_shifted_sideways(self):
        """Tiles and sheared stacks are no grid; the first frame that is off is named."""
        with pytest.raises(UnreadableMarking, match="frame 2 is shifted sideways") as caught:
            grid_of(groups(35, 37.5, shift_mm=0.2))

        assert "marking.frames[2].ImagePositionPatient" == caught.value.field

    def test_frames_of_several_orientations(self):
        """All must lie one way."""
        found = groups(35, 37.5)
        found.own[1].PlaneOrientationSequence = [item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])]

        with pytest.raises(UnreadableMarking, match=r"ImageOrientationPatient is not the same .* frame 2"):
            grid_of(found)

    def test_a_frame_without_a_place(self):
        """What is missing is named with the frame."""
        found = groups(35, 37.5)
        del found.own[1].PlanePositionSequence

        with pytest.raises(UnreadableMarking, match="frame 2 lacks ImagePositionPatient"):
            grid_of(found)
