"""Names of cases."""

from pathlib import Path

from service.batch.naming import names_of, stem_of

ROOT = Path("/cohort")


def named(*paths):
    """The names of images with these paths below the root."""
    return names_of([ROOT / path for path in paths], ROOT)


def test_a_suffix_of_an_image_is_no_part_of_its_name():
    """Neither is a double one, and other dots stay."""
    assert ["a", "b.1", "c"] == [stem_of(Path(name)) for name in ("a.nii.gz", "b.1.NRRD", "c")]


def test_images_are_named_by_themselves_where_that_tells_them_apart():
    """The folder does not matter then."""
    assert ["p1", "p2"] == named("images/p1.nii.gz", "images/p2.nii.gz")


def test_images_of_one_name_are_named_by_their_folders():
    """As in a tree with a folder for each patient."""
    assert ["p1", "p2"] == named("p1/ct.nii.gz", "p2/ct.nii.gz")


def test_images_of_one_name_in_folders_of_one_name_are_named_by_their_paths():
    """As in a tree of patients and dates."""
    assert ["p1-a-ct", "p2-a-ct", "p2-b-ct"] == named("p1/a/ct.nii.gz", "p2/a/ct.nii.gz", "p2/b/ct.nii.gz")


def test_an_image_with_several_masks_is_numbered():
    """No two cases have one name, not even where a number is taken."""
    assert ["a", "a-3", "a-2"] == named("a.nii.gz", "a.nii.gz", "a-2.nii.gz")


def test_a_name_is_safe_for_every_file_system():
    """Nothing of it leads out of the folder of results, hides a file, or needs quotes."""
    assert ["p-1-b", "hidden", "case"] == named("p 1: b.nii.gz", ".hidden.nii.gz", "....nii.gz")
