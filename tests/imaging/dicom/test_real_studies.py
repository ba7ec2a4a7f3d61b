"""Studies that other programs wrote."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from imaging.dicom.instances import files_below, read_instances
from imaging.dicom.reader import read_study, read_study_folder
from imaging.dicom.stack import stacked
from imaging.errors import AbsentInstances, NoMarking, OtherFrame
from imaging.files import read_mask
from tests.imaging.dicom.markings import ball, stored, structure_set


def test_a_structure_set_equals_its_mask(real_data):
    """STS_002: contours in the patient give exactly the voxels of the mask that was published with them."""
    study = read_study_folder(real_data / "sarcoma" / "STS_002-dicom")
    mask = read_mask(real_data / "sarcoma" / "STS_002" / "CT_mask.nii.gz")

    assert_allclose(mask.geometry.points_at([(0, 0, 0)]), study.mask.geometry.points_at([(0, 0, 0)]), atol=0.01)
    assert_array_equal(mask.labels, study.mask.labels)


def test_a_segmentation_equals_its_mask(real_data):
    """A SEG by dcmqi gives the voxels of its NRRD file."""
    study = read_study_folder(real_data / "dicom-seg")
    mask = read_mask(real_data / "dicom-seg" / "liver_seg.nrrd")

    assert_allclose(mask.geometry.points_at([(2, 511, 511)]), study.mask.geometry.points_at([(2, 511, 511)]))
    assert_array_equal(mask.labels, study.mask.labels)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("rt.dcm", OtherFrame, "another frame of reference"),
        ("invalid_reference_rt.dcm", AbsentInstances, "3 of 5 instances"),
        ("non_existent_reference_rt.dcm", AbsentInstances, "1 of 3 instances"),
    ],
)
def test_structure_sets_with_broken_references(real_data, name, error, says):
    """Each is refused by what is wrong with it."""
    folder = real_data / "rtstruct-bad" / "mock_data"

    with pytest.raises(error, match=says):
        read_study([folder / "ct_1.dcm", folder / "ct_2.dcm", folder / name])


def test_a_ct_without_a_marking(real_data):
    """A JPEG 2000 series with empty UIDs is a CT; what it lacks is a marking."""
    with pytest.raises(NoMarking):
        read_study_folder(real_data / "abdomen-ct" / "dicom")


def test_a_ct_with_empty_uids_and_a_structure_set(real_data):
    """The same series, with contours in its frame of reference: read, and a notice tells what joined them."""
    files = files_below(real_data / "abdomen-ct" / "dicom")
    ordered, grid = stacked(read_instances(files))
    [centre] = grid.points_at([(10, 256, 256)]).tolist()
    structures = structure_set([instance.header for instance in ordered], {"node": ball(grid, tuple(centre), 12.0)})

    study = read_study([*files, *stored(structures)])

    assert ("what is marked was joined to the CT by its frame of reference: it refers to none",) == study.notices
    volume_mm3 = np.count_nonzero(study.mask.labels) * grid.voxel_volume_mm3
    assert_allclose(4 / 3 * np.pi * 12.0**3, volume_mm3, rtol=0.03)
