"""A CT series is read by the place of its slices, and a stack that is no grid is refused in words."""

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.uid import SecondaryCaptureImageStorage

from imaging.dicom.series import read_series
from imaging.errors import NoCtImage, UnevenSlices, UnreadableSeries
from imaging.files import read_mask
from imaging.geometry import Geometry
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from tests.imaging.scenes import OBLIQUE
from tests.imaging.series import write_series

GRID = Geometry((5, 6, 7), (2.5, 0.8, 0.7), (10.0, -20.0, 30.0))
CT = Volume(np.random.default_rng(0).integers(-1024, 1500, GRID.shape).astype(np.int16), GRID)


@pytest.mark.parametrize("direction", [GRID.direction, OBLIQUE])
def test_slices_are_sorted_by_place(tmp_path, direction):
    """Neither file names nor instance numbers matter, on upright and on tilted stacks."""
    i, j = np.asarray(direction[2]), np.asarray(direction[1])
    grid = Geometry(GRID.shape, GRID.spacing_mm, GRID.origin_mm, (tuple(np.cross(i, j)), direction[1], direction[2]))
    write_series(tmp_path, Volume(CT.hu, grid))

    volume = read_series(tmp_path)

    assert_array_equal(CT.hu, volume.hu)
    assert_allclose(volume.geometry.points_at([(4, 5, 6)]), grid.points_at([(4, 5, 6)]), atol=1e-4)


def test_other_files_in_the_folder_do_not_matter(tmp_path):
    """Text, a DICOMDIR and DICOM objects other than CT are passed over."""
    paths = write_series(tmp_path, CT)
    (tmp_path / "DICOMDIR").write_bytes(b"x")
    (tmp_path / "readme.txt").write_text("scanned on Monday")
    other = pydicom.dcmread(paths[0])
    other.Modality = "SEG"
    other.save_as(tmp_path / "seg.dcm")

    assert GRID.shape == read_series(tmp_path).geometry.shape


def test_pictures_that_only_belong_to_a_ct_do_not_matter(tmp_path):
    """A localizer and a screenshot of the dose say CT too, and are passed over."""
    paths = write_series(tmp_path, CT)
    localizer, screenshot = pydicom.dcmread(paths[0]), pydicom.dcmread(paths[0])
    localizer.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    localizer.save_as(tmp_path / "localizer.dcm")
    screenshot.SOPClassUID = SecondaryCaptureImageStorage
    screenshot.save_as(tmp_path / "dose.dcm")

    assert_array_equal(CT.hu, read_series(tmp_path).hu)


def test_empty_series_uids_are_one_series(tmp_path):
    """De-identified files without UIDs are read."""
    write_series(tmp_path, CT, SeriesInstanceUID="")

    assert_array_equal(CT.hu, read_series(tmp_path).hu)


def test_a_rescale_with_fractions_gives_fractions_of_hu(tmp_path):
    """Slope and intercept are applied exactly."""
    write_series(tmp_path, CT, RescaleSlope=0.5, RescaleIntercept=-10.25)

    volume = read_series(tmp_path)

    assert np.float32 == volume.hu.dtype
    assert_allclose(volume.hu, (CT.hu.astype(float) + 1024) * 0.5 - 10.25)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"RescaleIntercept": None}, "instance .* lacks RescaleIntercept"),
            ({"ImagePositionPatient": None}, "lacks ImagePositionPatient"),
            ({"Modality": "MR"}, "no CT image"),
            ({"NumberOfFrames": 2}, "several frames"),
            ({"PixelData": b"\0\0"}, "cannot be decoded"),
            ({"Modality": None, "RescaleSlope": None}, "lacks RescaleSlope"),
            ({"RescaleType": "Z_EFF"}, "not in Hounsfield units"),
            ({"PixelSpacing": [0.7]}, "lacks PixelSpacing"),
        ],
    )
    def test_a_series_without_what_it_needs(self, tmp_path, changes, says):
        """What is missing is named, with the instance number."""
        write_series(tmp_path, CT, **changes)

        with pytest.raises(UnreadableSeries, match=says):
            read_series(tmp_path)

    def test_another_modality_is_told_from_a_damaged_series(self, tmp_path):
        """Who asks for a CT and names an MR gets an error of its own."""
        write_series(tmp_path, CT, Modality="MR")

        with pytest.raises(NoCtImage, match="no CT image"):
            read_series(tmp_path)

    def test_a_missing_slice(self, tmp_path):
        """A gap is named by the instances beside it."""
        write_series(tmp_path, CT)[2].unlink()

        with pytest.raises(UnevenSlices, match=r"missing or uneven: 5\.00 mm between instance 99, 97"):
            read_series(tmp_path)

    def test_a_doubled_slice(self, tmp_path):
        """Two slices at one place are named."""
        double = pydicom.dcmread(write_series(tmp_path, CT)[2])
        double.InstanceNumber = 7
        double.save_as(tmp_path / "double.dcm")

        with pytest.raises(UnevenSlices, match=r"one place: instance (7, 98|98, 7)"):
            read_series(tmp_path)

    def test_a_tilted_gantry(self, tmp_path):
        """Slices that shift sideways are refused, not straightened."""
        for k, path in enumerate(write_series(tmp_path, CT)):
            dataset = pydicom.dcmread(path)
            dataset.ImagePositionPatient[1] += 0.4 * k
            dataset.save_as(path)

        with pytest.raises(UnreadableSeries, match="tilted"):
            read_series(tmp_path)

    def test_two_series(self, tmp_path):
        """Two series in one folder are counted, and one is asked for."""
        write_series(tmp_path / "a", CT)
        write_series(tmp_path / "b", CT)

        with pytest.raises(UnreadableSeries, match="2 CT series"):
            read_series(tmp_path)

    def test_mixed_orientations(self, tmp_path):
        """A slice that lies another way is named."""
        path = write_series(tmp_path, CT)[3]
        dataset = pydicom.dcmread(path)
        dataset.ImageOrientationPatient = [0, 1, 0, 1, 0, 0]
        dataset.save_as(path)

        with pytest.raises(UnreadableSeries, match="ImageOrientationPatient is not the same"):
            read_series(tmp_path)

    def test_one_slice_or_none(self, tmp_path):
        """A single slice is no volume, and a folder must exist."""
        for path in write_series(tmp_path / "ct", CT)[1:]:
            path.unlink()

        with pytest.raises(UnreadableSeries, match="one slice only"):
            read_series(tmp_path / "ct")
        with pytest.raises(UnreadableSeries, match="no such folder"):
            read_series(tmp_path / "nowhere")

    def test_no_message_names_the_patient(self, tmp_path):
        """Name and ID of the patient stay out of the message."""
        write_series(tmp_path, CT, RescaleSlope=None)

        with pytest.raises(UnreadableSeries) as caught:
            read_series(tmp_path)

        assert "anary" not in str(caught.value).lower()


def test_a_real_series_lies_on_its_label_map(real_data):
    """JPEG 2000 with empty UIDs: the flipped label map of the same abdomen marks fat-free tissue in the CT."""
    volume = read_series(real_data / "abdomen-ct" / "dicom")
    mask = read_mask(real_data / "abdomen-ct" / "example_seg_dicom.nii.gz")

    assert (20, 512, 512) == volume.geometry.shape
    assert_allclose(volume.geometry.box.lower_mm, mask.geometry.box.lower_mm, atol=0.01)
    assert_allclose(volume.geometry.box.upper_mm, mask.geometry.box.upper_mm, atol=0.01)
    [vena_cava] = [n for n in find_nodes(mask, NodeSeparation.LABELS) if n.label == 63]
    k, j, i = volume.geometry.indices_at(vena_cava.points_mm()).round().astype(int).T
    assert 80 < volume.hu[k, j, i].mean() < 150
