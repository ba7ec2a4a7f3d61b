"""Spacings that are missing from a text header are found before ITK makes them up."""

import numpy as np
import pytest

from imaging.errors import UnreadableImage
from imaging.files import read_volume, write_image
from imaging.geometry import Geometry
from imaging.text_header import require_spacing

GRID = Geometry((4, 5, 6), (3.0, 3.0, 3.0))
META_SPACING = b"ElementSpacing = 3 3 3"


def written(path, old=b"", new=b""):
    """A CT as a file whose header has one piece exchanged."""
    write_image(path, np.ones(GRID.shape, dtype=np.int16), GRID)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    return path


@pytest.mark.parametrize("name", ["ct.nrrd", "ct.mha", "ct.nii"])
def test_whole_headers_pass(tmp_path, name):
    """What our own writer writes has a spacing; other formats are not its business."""
    assert require_spacing(written(tmp_path / name)) is None


def test_spacings_without_directions_pass(tmp_path):
    """An NRRD file may give spacings alone."""
    (tmp_path / "ct.nrrd").write_bytes(b"NRRD0004\nspacings: 1 1 2.5\n\n")

    assert require_spacing(tmp_path / "ct.nrrd") is None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ct.mha", META_SPACING, b"ElementSpacing = 3 3 -3"),
        ("ct.mha", META_SPACING, b"ElementSpacing = 3 0 3"),
        ("ct.mha", META_SPACING, b"ElementSpacing = 3 nan 3"),
        ("ct.mha", META_SPACING, b"ElementSpacing = 3 x 3"),
        ("ct.mha", META_SPACING, b"Name = CT"),
        ("ct.nrrd", b"(0,0,3)", b"none"),
        ("ct.nrrd", b"space directions: (3,0,0) (0,3,0) (0,0,3)", b"# none"),
    ],
)
def test_no_spacing_is_made_up(tmp_path, name, old, new):
    """Negative, zero, unreadable and missing spacings are refused."""
    with pytest.raises(UnreadableImage, match=r"ct\.\w+: its header must say a spacing above 0 mm"):
        read_volume(written(tmp_path / name, old, new))
