"""What compressed frames say of their size, before they are decoded."""

import struct

import numpy as np
import pytest
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from imaging.dicom.codestream import coded_sizes, require_coded_size
from imaging.geometry import Geometry
from imaging.volume import Volume
from tests.imaging.series import slices_of

GRID = Geometry((1, 40, 48), (2.5, 0.8, 0.7), (10.0, -20.0, 30.0))
CT = Volume(np.random.default_rng(0).integers(-1024, 1500, GRID.shape).astype(np.int16), GRID)


def compressed(syntax) -> FileDataset:
    """A slice of 40 rows and 48 columns."""
    [dataset] = slices_of(CT)
    dataset.compress(syntax, generate_instance_uid=False)
    return dataset


@pytest.mark.parametrize(
    ("syntax", "sizes"), [(JPEG2000Lossless, [(40, 48)]), (JPEGLSLossless, [(40, 48)]), (RLELossless, [])]
)
def test_sizes_are_read_from_the_frame(syntax, sizes):
    """JPEG 2000 and JPEG-LS say it; RLE says nothing. What agrees with the dataset passes."""
    dataset = compressed(syntax)
    [frame] = generate_frames(dataset.PixelData, number_of_frames=1)

    assert sizes == list(coded_sizes(frame))
    require_coded_size(dataset)


def test_plain_jpeg_says_its_size_after_other_segments():
    """Comments and fill bytes before it are passed over."""
    start = b"\xff\xd8\xff\xfe\x00\x06note\xff\xff\xc3\x00\x0b\x10" + struct.pack(">2H", 512, 600)

    assert [(512, 600)] == list(coded_sizes(start + b"\x01\x01\x11\x00\xff\xda"))


LARGE = struct.pack(">2I", 60_000, 60_000), struct.pack(">2H", 60_000, 60_000)


@pytest.mark.parametrize(
    ("syntax", "marker", "skip", "size"),
    [(JPEG2000Lossless, b"\xff\x51", 6, LARGE[0]), (JPEGLSLossless, b"\xff\xf7", 5, LARGE[1])],
)
def test_a_frame_that_would_become_larger_is_refused(syntax, marker, skip, size):
    """A decoder would make room for 60000 x 60000 pixels, whatever Rows and Columns say."""
    dataset = compressed(syntax)
    [frame] = generate_frames(dataset.PixelData, number_of_frames=1)
    place = frame.index(marker) + skip
    dataset.PixelData = encapsulate([frame[:place] + size + frame[place + len(size) :]])

    with pytest.raises(ValueError, match="coded as"):
        require_coded_size(dataset)


def test_what_is_much_longer_than_its_pixels_is_refused():
    """RLE makes 64 bytes of one: a frame of megabytes for few pixels is no compression."""
    dataset = compressed(RLELossless)
    dataset.PixelData = encapsulate([bytes(200_000)])

    with pytest.raises(ValueError, match="200000 compressed bytes for 3840"):
        require_coded_size(dataset)


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8", b"\xff\xd8\xff\xc3", b"\xff\xd8\xff\x00\x00\x00" * 3])
def test_a_frame_without_header_says_nothing(frame):
    """Decoders refuse it themselves."""
    assert [] == list(coded_sizes(frame))
