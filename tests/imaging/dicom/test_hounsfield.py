"""Stored pixels become Hounsfield units, whatever their encoding, or the instance is named that has none."""

from copy import deepcopy

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from imaging.dicom.hounsfield import hounsfield
from imaging.dicom.instances import read_instances
from imaging.errors import UnreadablePixels
from imaging.geometry import Geometry
from imaging.volume import AIR_HU, Volume
from tests.imaging.dicom.markings import changed, stored
from tests.imaging.dicom.scene import CT
from tests.imaging.series import slices_of

SLICES = slices_of(CT)

WIDE = Geometry((2, 64, 70), (2.5, 0.8, 0.8))
LARGE = Volume(np.random.default_rng(1).integers(-1024, 1500, WIDE.shape).astype(np.int16), WIDE)
"""Slices that an encoder of JPEG 2000 does not find too small."""


def hu_of(*datasets):
    """HU of slices as they come."""
    return hounsfield(read_instances(stored(*datasets)))


def padded(dataset, pixels, padding):
    """A slice with other stored pixels, some of which are declared as padding."""
    signed = np.issubdtype(pixels.dtype, np.signedinteger)
    copy = changed(dataset, PixelData=pixels.tobytes(), PixelRepresentation=int(signed))
    copy.add_new("PixelPaddingValue", "SS" if signed else "US", padding)
    return copy


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_compressed_pixels_are_decoded(syntax, signed):
    """Lossless encodings give the HU that were stored."""
    slices = slices_of(LARGE, PixelRepresentation=int(signed))
    for dataset in slices:
        dataset.compress(syntax)

    assert_array_equal(LARGE.hu, hu_of(*slices))


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_other_encodings_of_elements_are_read(syntax):
    """Implicit VR, deflated and big endian files give the HU that were stored."""
    slices = [Dataset(s) for s in slices_of(CT)]
    for dataset, source in zip(slices, SLICES, strict=True):
        dataset.preamble, dataset.file_meta = source.preamble, deepcopy(source.file_meta)
        dataset.file_meta.TransferSyntaxUID = syntax
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = np.frombuffer(dataset.PixelData, "<i2").astype(">i2").tobytes()

    assert_array_equal(CT.hu, hu_of(*slices))


def test_each_slice_has_a_rescale_of_its_own():
    """As scanners write it for PET, and some for CT."""
    slices = [changed(s, RescaleIntercept=-1024 + k, RescaleSlope=1 + k % 2) for k, s in enumerate(SLICES)]

    expected = [(plane.astype(int) + 1024) * (1 + k % 2) - 1024 + k for k, plane in enumerate(CT.hu)]

    hu = hu_of(*slices)
    assert np.int16 == hu.dtype
    assert_array_equal(expected, hu)


def test_one_slice_with_fractions_makes_all_of_them_float():
    """Nothing is rounded, and the slices before it are kept."""
    hu = hu_of(*SLICES[:2], changed(SLICES[2], RescaleSlope=0.5))

    assert np.float32 == hu.dtype
    assert_array_equal(CT.hu[:2], hu[:2])
    assert_array_equal((CT.hu[2].astype(float) + 1024) / 2 - 1024, hu[2])


class TestPadding:
    @pytest.mark.parametrize(("dtype", "padding"), [("<i2", -2000), ("<u2", 63536)])
    def test_what_lies_outside_the_field_of_view_is_air(self, dtype, padding):
        """Padding that no tissue has is air, as is all outside the CT; far brighter than bone it would be else."""
        pixels = (CT.hu[0] + 1024).astype(dtype)
        pixels[:3] = padding

        hu = hu_of(padded(SLICES[0], pixels, padding))

        assert (hu[0, :3] == AIR_HU).all()
        assert_array_equal(CT.hu[0, 3:], hu[0, 3:])

    def test_padding_that_tissue_has_too_is_kept(self):
        """A Pixel Padding Value that means water would tear holes into the body."""
        assert_array_equal(CT.hu[:1], hu_of(padded(SLICES[0], CT.hu[0] + np.int16(1024), 1024)))


class TestRefusals:
    @pytest.mark.parametrize(
        ("damaged", "says"),
        [
            (changed(SLICES[0], PixelData=SLICES[0].PixelData[:-2]), "the pixels of instance 100 cannot be decoded"),
            (changed(SLICES[0], PixelData=SLICES[0].PixelData + b"\0\0"), "cannot be decoded"),
            (changed(SLICES[0], SamplesPerPixel=3, PixelData=SLICES[0].PixelData * 3), "cannot be decoded"),
            (changed(SLICES[0], BitsAllocated=12), "cannot be decoded"),
        ],
    )
    def test_pixels_that_do_not_fill_the_slice(self, damaged, says):
        """Too few, too many, or of another kind: the instance is named, and its field."""
        with pytest.raises(UnreadablePixels, match=says) as caught:
            hu_of(damaged)

        assert "instances[InstanceNumber=100].PixelData" == caught.value.field

    def test_no_pixels(self):
        """A header alone is no slice."""
        bare = changed(SLICES[0])
        del bare.PixelData

        with pytest.raises(UnreadablePixels, match="instance 100 has no pixels"):
            hu_of(bare)

    @pytest.mark.parametrize("side", [16, 64])
    def test_pixels_that_look_encrypted(self, side):
        """Bytes that take all values alike are no image, even if there are as many as there should be."""
        grid = Geometry((1, side, side), (1.0, 1.0, 1.0))
        [dataset] = slices_of(Volume(np.zeros(grid.shape, np.int16), grid))
        noise = np.random.default_rng(0).bytes(side * side * 2)

        with pytest.raises(UnreadablePixels, match="instance 100 look encrypted"):
            hu_of(changed(dataset, PixelData=noise))

    def test_compressed_pixels_that_are_damaged(self):
        """What a decoder cannot make sense of is refused."""
        dataset = slices_of(LARGE)[0]
        dataset.compress(JPEG2000Lossless)
        dataset.PixelData = dataset.PixelData[:40] + bytes(len(dataset.PixelData) - 40)

        with pytest.raises(UnreadablePixels, match="cannot be decoded"):
            hu_of(dataset)
