"""A CT is read from a file or a folder."""

from numpy.testing import assert_array_equal

from imaging.ct import read_ct
from imaging.files import write_image
from tests.imaging.dicom.scene import CT
from tests.imaging.series import write_series


def test_a_file_and_a_folder_hold_the_same_ct(tmp_path):
    """A folder is a DICOM series, anything else a file with the whole CT."""
    write_series(tmp_path / "series", CT)
    write_image(tmp_path / "ct.nii.gz", CT.hu, CT.geometry)

    assert_array_equal(CT.hu, read_ct(tmp_path / "series").hu)
    assert_array_equal(CT.hu, read_ct(tmp_path / "ct.nii.gz").hu)
