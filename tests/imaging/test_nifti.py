"""A damaged NIfTI file is found before ITK reads it as if nothing were wrong."""

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


def test_other_formats_are_not_its_business(tmp_path):
    """A file without the NIfTI mark passes; its own reader judges it."""
    (tmp_path / "ct.mha").write_bytes(b"x" * 1000)

    assert require_intact(tmp_path / "ct.mha") is None
