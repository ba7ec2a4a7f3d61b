"""A damaged NIfTI file is found before ITK reads it as if nothing were wrong."""

import struct

import numpy as np
import pytest

from imaging.errors import UnreadableImage
from imaging.files import write_image
from imaging.geometry import Geometry
from imaging.nifti import require_intact

GRID = Geometry((4, 5, 6), (1.0, 1.0, 1.0))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_whole_files_pass(tmp_path, kind):
    """A complete file of any voxel type is intact."""
    write_image(tmp_path / "ct.nii", np.ones(GRID.shape, dtype=kind), GRID)

    assert require_intact(tmp_path / "ct.nii") is None


def test_one_missing_byte_is_found(tmp_path):
    """A file that lacks its last byte is damaged."""
    path = tmp_path / "ct.nii"
    write_image(path, np.ones(GRID.shape, dtype=np.int16), GRID)
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(UnreadableImage, match="cut short"):
        require_intact(path)


def _with(path, offset, kind, *values):
    """The file with other numbers in its header."""
    content = bytearray(path.read_bytes())
    struct.pack_into(f"<{len(values)}{kind}", content, offset, *values)
    path.write_bytes(content)
    return path


@pytest.fixture
def whole(tmp_path):
    """A file that is intact."""
    write_image(tmp_path / "ct.nii", np.ones(GRID.shape, dtype=np.int16), GRID)
    return tmp_path / "ct.nii"


@pytest.mark.parametrize("spacing_mm", [0.0, -2.0, float("nan")])
def test_a_spacing_that_is_none_is_found(whole, spacing_mm):
    """ITK would take 1 mm for 0, and 2 for -2."""
    with pytest.raises(UnreadableImage, match=f"its spacing is 1 x {spacing_mm:g} x 1 mm"):
        require_intact(_with(whole, 84, "f", spacing_mm))


def test_two_spacings_are_found(whole):
    """A header whose sform and pixdim differ could be read either way."""
    with pytest.raises(UnreadableImage, match="1 x 1 x 3 mm in pixdim and 1 x 1 x 1 mm in srow"):
        require_intact(_with(whole, 88, "f", 3.0))


def test_a_spacing_counts_only_where_it_is_used(whole):
    """Rows of an sform that is switched off may hold anything."""
    assert require_intact(_with(_with(whole, 254, "h", 0), 88, "f", 3.0)) is None


def test_other_formats_are_not_its_business(tmp_path):
    """A file without the NIfTI mark passes; its own reader judges it."""
    (tmp_path / "ct.mha").write_bytes(b"x" * 1000)

    assert require_intact(tmp_path / "ct.mha") is None
