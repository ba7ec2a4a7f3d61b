import numpy as np
import pytest

from imaging.ct import read_ct
from imaging.files import write_image
from tests.imaging.series import write_series
from tests.training.cohorts import read_table as rows_of
from tests.training.cohorts import write_cohort, write_huge_mask, write_table
from training.quality.examination import examine
from training.quality.table import read_table


@pytest.fixture
def folder(tmp_path):
    """A cohort of its own for each test."""
    write_cohort(tmp_path, patient_count=3)
    return tmp_path


def examined(folder):
    """Rows whose node was found, and (row, rule) of each finding."""
    found, findings = examine(read_table(folder / "cases.csv").cases)
    return [each.case.row for each in found], [(finding.row, finding.rule) for finding in findings]


def in_dicom(folder, **changes):
    """The first CT as a DICOM series; the paths of its slices."""
    rows = rows_of(folder / "cases.csv")
    paths = write_series(folder / "series", read_ct(folder / rows[0]["image"]), **changes)
    rows[0]["image"] = "series"
    write_table(folder, rows)
    return paths


def test_a_sound_cohort_has_no_findings(folder):
    """Every node is found, and its density is that of its own voxels."""
    found, findings = examine(read_table(folder / "cases.csv").cases)

    assert ((), [2, 3, 4]) == (findings, [each.case.row for each in found])
    assert [10, 80, 10] == pytest.approx([each.median_hu for each in found], abs=5)


def test_a_damaged_file_does_not_stop_the_others(folder):
    """CT and mask are each named, and never by a path of the machine."""
    (folder / "ct-0.nii.gz").write_bytes(b"not an image")
    stored = (folder / "mask-1.nii.gz").read_bytes()
    (folder / "mask-1.nii.gz").write_bytes(stored[: len(stored) // 2])

    assert ([4], [(2, "unreadable-image"), (3, "unreadable-mask")]) == examined(folder)
    _, findings = examine(read_table(folder / "cases.csv").cases)
    assert not any(str(folder) in finding.detail for finding in findings)


def test_a_node_that_is_not_marked_is_named(folder):
    """The row is named, with the value that the mask lacks."""
    rows = rows_of(folder / "cases.csv")
    rows[1]["node"] = "7"
    write_table(folder, rows)

    assert ([2, 4], [(3, "node-not-marked")]) == examined(folder)


def test_a_node_of_metres_is_named(folder):
    """It is no node, and the other rows are examined all the same."""
    write_huge_mask(folder / "mask-1.nii.gz")

    found, findings = examined(folder)

    assert [2, 4] == found
    assert (3, "unreadable-mask") in findings
    assert {3} == {row for row, _ in findings}


def test_a_folder_of_dicom_is_a_ct(folder):
    """The same CT from DICOM gives the same pixels."""
    before, _ = examine(read_table(folder / "cases.csv").cases)
    in_dicom(folder)

    after, findings = examine(read_table(folder / "cases.csv").cases)

    assert () == findings
    assert before[0].pixel_digest == after[0].pixel_digest
    assert before[0].patch == pytest.approx(after[0].patch, abs=1e-5)


def test_a_missing_slice_of_a_series_is_named(folder):
    """DICOM says where each slice is, so that a gap is seen."""
    in_dicom(folder)[6].unlink()

    assert ([3, 4], [(2, "missing-slices")]) == examined(folder)


def test_another_modality_is_named(folder):
    """A series of MR is no CT."""
    in_dicom(folder, Modality="MR")

    assert ([3, 4], [(2, "wrong-modality")]) == examined(folder)


def test_what_is_wrong_with_a_ct_is_said_of_all_its_nodes(folder):
    """Two rows of one CT fall together."""
    rows = rows_of(folder / "cases.csv")
    mask = read_ct(folder / "mask-0.nii.gz")
    labels = mask.hu.astype(np.int16)
    labels[:, :, labels.shape[2] // 2 :] *= 2
    write_image(folder / "mask-0.nii.gz", labels.astype(np.uint8), mask.geometry)
    volume = read_ct(folder / "ct-0.nii.gz")
    write_image(folder / "ct-0.nii.gz", volume.hu + np.int16(1024), volume.geometry)
    write_table(folder, [rows[0], {**rows[0], "node": "2"}])

    assert {(2, "no-rescale"), (3, "no-rescale")} <= set(examined(folder)[1])
