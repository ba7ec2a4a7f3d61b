"""CTs and masks come from NIfTI, NRRD and MetaImage files, at the right place in LPS."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal

from imaging.errors import ImagingError, InvalidMask, UnreadableImage
from imaging.files import read_geometry, read_mask, read_volume, write_image
from imaging.geometry import Geometry
from imaging.volume import Volume
from tests.imaging.scenes import OBLIQUE
from tests.imaging.series import write_series

GRID = Geometry((4, 5, 6), (3.0, 0.8, 0.7), (10.0, -20.0, 30.0), OBLIQUE)
HU = np.random.default_rng(0).integers(-1024, 1500, GRID.shape).astype(np.int16)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_ct_survives_its_file(tmp_path, suffix):
    """Voxels, type and geometry come back from every format."""
    path = tmp_path / f"ct{suffix}"
    write_image(path, HU, GRID)

    volume = read_volume(path)

    assert_array_equal(HU, volume.hu)
    assert np.int16 == volume.hu.dtype
    assert_allclose(volume.geometry.points_at([(3, 4, 5)]), GRID.points_at([(3, 4, 5)]), atol=1e-4)
    assert_allclose(volume.geometry.direction, GRID.direction, atol=1e-6)


def test_fractions_of_hu_become_float32(tmp_path):
    """A CT stored in doubles keeps its fractions; one in 32-bit whole numbers becomes int16."""
    write_image(tmp_path / "a.nii", HU + 0.25, GRID)
    write_image(tmp_path / "b.nii", HU.astype(np.int32), GRID)

    assert np.float32 == read_volume(tmp_path / "a.nii").hu.dtype
    assert np.int16 == read_volume(tmp_path / "b.nii").hu.dtype


def test_labels_of_any_type_are_read(tmp_path):
    """A mask in float is read where its values are whole, and large labels are kept."""
    labels = np.zeros(GRID.shape)
    labels[1, 2, 3], labels[2, 2, 2] = 1, 700
    write_image(tmp_path / "mask.nii.gz", labels, GRID)

    mask = read_mask(tmp_path / "mask.nii.gz")

    assert np.uint16 == mask.labels.dtype
    assert_array_equal(labels, mask.labels)


@pytest.mark.parametrize("value", [0.5, -1.0, 70000.0])
def test_values_that_are_no_labels_are_refused(tmp_path, value):
    """A probability map or a CT is no mask."""
    write_image(tmp_path / "mask.nii", np.full(GRID.shape, value), GRID)

    with pytest.raises(InvalidMask, match="whole numbers"):
        read_mask(tmp_path / "mask.nii")


@pytest.mark.parametrize("name", ["ct.nii", "ct.nii.gz", "ct.nrrd", "ct.mha"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_in_a_ct_is_refused(tmp_path, name, value):
    """NaN is refused in every format, and never read as 0 HU, as ITK does for NIfTI."""
    hu = HU.astype(np.float32)
    hu[1, 2, 3] = value
    write_image(tmp_path / name, hu, GRID)

    with pytest.raises(ImagingError, match=rf"{name}: .*NaN"):
        read_volume(tmp_path / name)


def _no_file(path):
    return path


def _text(path):
    path.write_text("name,age")
    return path


def _cut_short(path):
    write_image(path, HU, GRID)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:400]))
    return path


def _cut_in_transfer(path):
    write_image(path, HU, GRID)
    path.write_bytes(path.read_bytes()[:300])
    return path


def _flat(path):
    sitk.WriteImage(sitk.Image(8, 8, sitk.sitkInt16), str(path))
    return path


def _over_time(path):
    sitk.WriteImage(sitk.Image([4, 4, 4, 2], sitk.sitkInt16), str(path))
    return path


def _sheared(path):
    write_image(path, HU, Geometry(GRID.shape, GRID.spacing_mm))
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[252:256] = (0).to_bytes(2, "little") + (1).to_bytes(2, "little")
    content[280:328] = np.asarray([[0.7, 0, 0, 0], [0.4, 0.8, 0, 0], [0, 0, 3, 0]], dtype="<f4").tobytes()
    path.write_bytes(gzip.compress(bytes(content)))
    return path


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (_no_file, "no such file"),
        (_text, "not a readable"),
        (_cut_short, "cut short"),
        (_cut_in_transfer, "cut short"),
        (_flat, "three axes"),
        (_over_time, "three axes"),
        (_sheared, "not orthogonal"),
    ],
)
def test_a_file_that_is_no_ct_says_why(tmp_path, made, says):
    """Each kind of wrong file has a message of its own, with the file's name."""
    with pytest.raises(ImagingError, match=says) as caught:
        read_volume(made(tmp_path / "ct.nii.gz"))

    assert isinstance(caught.value, UnreadableImage)
    assert "ct.nii.gz" in str(caught.value)


@pytest.mark.parametrize("read", [read_volume, read_mask])
def test_a_single_dicom_file_is_refused(tmp_path, read):
    """One slice of a series is no CT, and no mask either: the message asks for the folder."""
    path = write_series(tmp_path, Volume(HU, Geometry(GRID.shape, GRID.spacing_mm)))[0]

    with pytest.raises(UnreadableImage, match="name the folder"):
        read(path)


def test_a_header_tells_the_geometry(tmp_path):
    """Without its voxels, a file says where they are."""
    write_image(tmp_path / "ct.nii.gz", HU, GRID)

    assert read_volume(tmp_path / "ct.nii.gz").geometry == read_geometry(tmp_path / "ct.nii.gz")


def test_what_has_no_slices_has_no_geometry(tmp_path):
    """A missing file and a flat picture are errors."""
    sitk.WriteImage(sitk.Image([5, 5], sitk.sitkUInt8), str(tmp_path / "flat.mha"))

    with pytest.raises(UnreadableImage, match="not a readable"):
        read_geometry(tmp_path / "none.nii.gz")
    with pytest.raises(UnreadableImage, match="this has 2"):
        read_geometry(tmp_path / "flat.mha")
