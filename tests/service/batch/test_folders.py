"""Folders of cases."""

import pytest

from service.batch.faults import InvalidCohort
from service.batch.folders import read_studies, read_tree


def tree(root, *names):
    """A folder with empty files of these names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def pairs(cohort, root):
    """Name, image and mask of each case, below the root."""
    return [(case.name, str(case.image.relative_to(root)), str(case.mask.relative_to(root))) for case in cohort.cases]


def test_a_folder_for_each_case_is_recognised(tmp_path):
    """Whatever else lies there, and however deep."""
    root = tree(tmp_path, "b/ct.nii.gz", "b/mask.nrrd", "a/x/image.mha", "a/x/mask.nii", "notes.txt")

    assert [("image", "a/x/image.mha", "a/x/mask.nii"), ("ct", "b/ct.nii.gz", "b/mask.nrrd")] == pairs(
        read_tree(root), root
    )


def test_names_that_image_and_mask_share_are_recognised(tmp_path):
    """With ct, image or nothing beside mask, and with any separator."""
    root = tree(
        tmp_path, "a_ct.nii.gz", "a_mask.nii.gz", "b.nii.gz", "b-mask.nii.gz", "c_IMAGE.nii.gz", "c.Mask.nii.gz"
    )

    assert [
        ("a_ct", "a_ct.nii.gz", "a_mask.nii.gz"),
        ("b", "b.nii.gz", "b-mask.nii.gz"),
        ("c_IMAGE", "c_IMAGE.nii.gz", "c.Mask.nii.gz"),
    ] == pairs(read_tree(root), root)


def test_folders_of_images_and_of_masks_are_recognised(tmp_path):
    """As training keeps phantoms; phantoms are known as such."""
    root = tree(tmp_path, "images/p1.nii.gz", "masks/p1.nii.gz", "images/p2.nii.gz", "masks/p2.nii.gz")
    (root / "cohort.json").write_text('{"synthetic": true}')

    assert [("p1", "images/p1.nii.gz", "masks/p1.nii.gz"), ("p2", "images/p2.nii.gz", "masks/p2.nii.gz")] == pairs(
        read_tree(root), root
    )
    assert read_tree(root).synthetic


def test_what_stands_alone_is_a_case_with_a_problem(tmp_path):
    """So that it is counted, and named."""
    root = tree(tmp_path, "a/ct.nii.gz", "b/mask.nii.gz")

    problems = [case.problem for case in read_tree(root).cases]
    assert [f"{root}/a/ct.nii.gz has no mask beside it", f"{root}/b/mask.nii.gz has no image beside it"] == problems


def test_the_heat_maps_of_a_batch_are_no_cases(tmp_path):
    """Results may lie among the cases."""
    root = tree(tmp_path, "ct.nii.gz", "mask.nii.gz", "out/journal.jsonl", "out/heatmaps/ct.nii.gz")

    assert [("ct", "ct.nii.gz", "mask.nii.gz")] == pairs(read_tree(root), root)


def test_each_folder_of_a_folder_is_a_dicom_study(tmp_path):
    """In the order of their names; results among them are none."""
    root = tree(tmp_path, "s2/1.dcm", "s1/a/1.dcm", "out/journal.jsonl", "notes.txt")
    cohort = read_studies(root, ["node"], "first")

    assert [("s1", root / "s1", None), ("s2", root / "s2", None)] == [(c.name, c.image, c.mask) for c in cohort.cases]
    assert {(("node",), "first")} == {(case.structures, case.marking) for case in cohort.cases}


def test_a_folder_without_cases_is_refused(tmp_path):
    """The message tells how to name them."""
    with pytest.raises(InvalidCohort, match=r"name them ct\.nii\.gz and mask\.nii\.gz"):
        read_tree(tree(tmp_path, "notes.txt"))
    with pytest.raises(InvalidCohort, match="no such folder"):
        read_tree(tmp_path / "none")
    with pytest.raises(InvalidCohort, match="no folder of a DICOM study"):
        read_studies(tmp_path)
