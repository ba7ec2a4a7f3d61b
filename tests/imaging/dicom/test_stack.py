"""Slices make a grid by their places alone, or it is said which of them do not fit."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pydicom.uid import generate_uid

from imaging.dicom.instances import read_instances
from imaging.dicom.stack import SPACING_TOLERANCE, axes_of, stacked
from imaging.errors import MixedSlices, TiltedSlices, UnevenSlices, UnreadableSeries
from imaging.volume import Volume
from tests.imaging.dicom.markings import changed, stored
from tests.imaging.dicom.scene import CT, FLIPPED, GRID, SAGITTAL, turned
from tests.imaging.series import slices_of

SLICES = slices_of(CT)


def moved(dataset, by_mm):
    """A slice at another place."""
    return changed(dataset, ImagePositionPatient=(np.asarray(dataset.ImagePositionPatient) + by_mm).round(6).tolist())


def grid_of(slices):
    """The grid of slices as they come."""
    return stacked(read_instances(stored(*slices)))[1]


@pytest.mark.parametrize("direction", [GRID.direction, SAGITTAL, FLIPPED])
def test_slices_follow_their_normal(direction):
    """Whatever the patient's position, the first axis is the cross product of the other two."""
    volume = turned(direction)

    ordered, grid = stacked(read_instances(stored(*slices_of(volume)[::-1])))

    assert_allclose(np.cross(direction[2], direction[1]), grid.direction[0])
    places = [instance.header.ImagePositionPatient for instance in ordered]
    assert_allclose(grid.points_at([(k, 0, 0) for k in range(9)]), places, atol=1e-4)


def test_axes_are_slices_rows_and_columns():
    """Image Orientation tells along a row first, then along a column."""
    assert_allclose(GRID.direction, axes_of(np.asarray([1.0, 0, 0, 0, 1, 0])))


@pytest.mark.parametrize(("share", "is_grid"), [(0.9, True), (1.1, False)])
def test_steps_may_differ_a_little(share, is_grid):
    """Up to one part in a hundred of a step; then the instances beside it are named."""
    off_mm = share * SPACING_TOLERANCE * GRID.spacing_mm[0]
    slices = [*SLICES[:-1], moved(SLICES[-1], (0, 0, off_mm))]

    if is_grid:
        assert GRID.shape == grid_of(slices).shape
    else:
        with pytest.raises(UnevenSlices, match=r"2\.53 mm between instance 93, 92, 2\.50 mm elsewhere .tolerance 1%"):
            grid_of(slices)


def test_rounded_steps_are_even():
    """Slices 0.625 mm apart are written as 0.62 and 0.63 mm."""
    slices = slices_of(Volume(CT.hu, replace(GRID, spacing_mm=(0.625, *GRID.spacing_mm[1:]))))
    for each in slices:
        each.ImagePositionPatient = np.round(np.asarray(each.ImagePositionPatient, dtype=float), 2).tolist()

    assert GRID.shape == grid_of(slices).shape


def test_rounded_positions_are_no_tilt():
    """Positions of an oblique series are written to hundredths of a millimetre, sideways too."""
    (c, s), x = (np.cos(0.3), np.sin(0.3)), (1.0, 0.0, 0.0)
    slices = slices_of(turned(((0.0, -s, c), (0.0, c, s), x)))
    for each in slices:
        each.ImagePositionPatient = np.round(np.asarray(each.ImagePositionPatient, dtype=float), 2).tolist()

    grid = grid_of(slices)

    assert_allclose(GRID.spacing_mm, grid.spacing_mm, atol=0.005)


def test_a_slight_tilt_is_told_by_the_whole_stack():
    """Steps that could each be rounding are a tilt where they add up."""
    with pytest.raises(TiltedSlices):
        grid_of([moved(s, (0, 0.015 * k, 0)) for k, s in enumerate(SLICES)])


class TestRefusals:
    @pytest.mark.parametrize(
        ("slices", "error", "field"),
        [
            ([*SLICES[:4], *SLICES[5:]], UnevenSlices, "[InstanceNumber=95].ImagePositionPatient"),
            ([*SLICES, moved(SLICES[4], 0)], UnevenSlices, "[InstanceNumber=96].ImagePositionPatient"),
            ([*SLICES[:-1], moved(SLICES[-1], (0.3, 0, 0))], TiltedSlices, "[InstanceNumber=92].ImagePositionPatient"),
            (
                [moved(s, (0, 0.4 * k, 0)) for k, s in enumerate(SLICES)],
                TiltedSlices,
                "[InstanceNumber=99].ImagePositionPatient",
            ),
            (
                [*SLICES[:3], changed(SLICES[3], ImageOrientationPatient=[0, 1, 0, 1, 0, 0]), *SLICES[4:]],
                MixedSlices,
                "[InstanceNumber=97].ImageOrientationPatient",
            ),
            (
                [*SLICES[:3], changed(SLICES[3], FrameOfReferenceUID=generate_uid()), *SLICES[4:]],
                MixedSlices,
                "[InstanceNumber=97].FrameOfReferenceUID",
            ),
            (
                [*SLICES[:3], changed(SLICES[3], PixelSpacing=[0.9, 0.9]), *SLICES[4:]],
                MixedSlices,
                "[InstanceNumber=97].PixelSpacing",
            ),
            ([changed(SLICES[0], RescaleType="MGML")], UnreadableSeries, "[InstanceNumber=100].RescaleType"),
            ([changed(SLICES[0], RescaleSlope=None)], UnreadableSeries, "[InstanceNumber=100].RescaleSlope"),
            ([changed(SLICES[0], NumberOfFrames=3)], UnreadableSeries, "[InstanceNumber=100].NumberOfFrames"),
            (SLICES[:1], UnreadableSeries, ""),
        ],
    )
    def test_a_field_tells_the_instance_and_attribute(self, slices, error, field):
        """Programs need not read the message."""
        with pytest.raises(error) as caught:
            grid_of(slices)

        assert f"instances{field}" == caught.value.field

    def test_encrypted_attributes_are_named_as_the_reason(self):
        """An instance whose attributes were encrypted does not merely lack them."""
        encrypted = changed(SLICES[0], EncryptedAttributesSequence=[], PixelSpacing=None)

        with pytest.raises(UnreadableSeries, match="instance 100 lacks PixelSpacing; its attributes are encrypted"):
            grid_of([encrypted, *SLICES[1:]])
