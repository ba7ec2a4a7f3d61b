"""One case of a cohort."""

import numpy as np
import pytest

from imaging.errors import InvalidMask, UnreadableImage
from imaging.files import write_image
from imaging.mask import NodeMask
from service.batch.case import ALL_NODES, Case
from service.batch.faults import UnusableCase
from tests.imaging.dicom.markings import segmentation, stored
from tests.imaging.series import slices_of
from tests.service.batch.cohorts import variant
from tests.service.scans import GRID


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A CT and its mask on disk."""
    folder = tmp_path_factory.mktemp("case")
    volume, mask = variant(0)
    write_image(folder / "ct.nii.gz", volume.hu, GRID)
    write_image(folder / "mask.nii.gz", mask.labels, GRID)
    return folder


def case(files, **changes):
    """The case of these files."""
    return Case(**{"name": "c", "image": files / "ct.nii.gz", "mask": files / "mask.nii.gz"} | changes)


def test_a_case_is_what_is_on_disk(files):
    """Image and mask are read, and what the files were like is kept."""
    images = case(files).read()

    np.testing.assert_array_equal(variant(0)[0].hu, images.volume.hu)
    np.testing.assert_array_equal(variant(0)[1].labels, images.mask.labels)
    assert images.stamp == case(files).stamp()


def test_a_changed_file_has_another_stamp(tmp_path):
    """Even where its size stays."""
    (tmp_path / "ct.nii.gz").write_text("a")
    before = case(tmp_path).stamp()
    (tmp_path / "mask.nii.gz").write_text("b")

    assert before != case(tmp_path).stamp()


def test_a_label_without_a_node_is_that_of_all():
    """A node's own label comes first; without any there is none."""
    known = Case("c", None, None, labels={ALL_NODES: 1, 2: 0})

    assert [1, 0] == [known.label_of(node) for node in (1, 2)]
    assert Case("c", None, None).label_of(1) is None


def test_a_node_that_the_mask_does_not_have_is_named(files):
    """Together with what there is."""
    with pytest.raises(InvalidMask, match="no value 7, 9; it has 1, 2, 3"):
        case(files, nodes=(1, 7, 9)).read()


def test_a_file_that_is_not_there_spoils_the_case(files):
    """As one that may not be read does; a problem that is known is told first."""
    with pytest.raises(UnreadableImage, match="no such file"):
        case(files, mask=files / "other.nii.gz").read()
    with pytest.raises(UnusableCase, match=r"cannot be read: .*name too long"):
        case(files, image=files / ("x" * 300)).read()
    with pytest.raises(UnusableCase, match="row 2"):
        case(files, problem="row 2, column label: must be 0").read()


def test_a_dicom_study_is_a_ct_with_its_marks(tmp_path):
    """Segments have the values of their numbers; only those asked for are read."""
    volume, mask = variant(0)
    slices = slices_of(volume)
    layers = np.stack([mask.labels == node for node in (1, 2)])
    for n, content in enumerate(stored(*slices, segmentation(slices, layers, ["station 7", "station 4"]))):
        (tmp_path / f"{n}.dcm").write_bytes(content)

    study, one = (Case("c", tmp_path, None, structures=names).read() for names in ((), ("Station 4",)))

    assert volume.hu.shape == study.volume.hu.shape
    assert [[0, 1, 2], [0, 2]] == [np.unique(images.mask.labels).tolist() for images in (study, one)]
    assert isinstance(study.mask, NodeMask)
    assert len(slices) + 1 == len(study.stamp)
