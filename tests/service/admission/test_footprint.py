"""What a request takes before it is here."""

import pytest

from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.admission.footprint import bytes_held, require_announced, require_fitting
from service.encoding import Compression
from service.faults import InvalidRequest, RequestTooLarge
from service.wire import bytes_in_memory, mask_message, volume_message
from tests.service.scans import GRID, request, scan

VOXELS = 30 * 60 * 64


def asked(volume=Compression.NONE, mask=Compression.NONE, **options):
    """A request with a float32 CT and a uint8 mask of `VOXELS` voxels each, compressed or not."""
    own_volume, own_mask = scan()
    made = request(options=messages.ClassifyOptions(**options))
    made.volume.CopyFrom(volume_message(own_volume, volume))
    made.mask.CopyFrom(mask_message(own_mask, mask))
    return made


@pytest.mark.parametrize(
    ("made", "volume_bytes", "expected"),
    [
        (asked(), 4 * VOXELS, 4 * VOXELS + 10 + VOXELS),
        (asked(volume=Compression.ZSTD), 99, 99 + 4 * VOXELS + 10 + VOXELS),
        (asked(heatmap_output=3), 4 * VOXELS, 4 * VOXELS + 10 + VOXELS + 4 * VOXELS),
    ],
)
def test_what_is_held(made, volume_bytes, expected):
    """A plain CT is used as it comes; a compressed one, a mask and a heat map on the CT's grid take more."""
    assert expected == bytes_held(made, bytes_in_memory(made), volume_bytes, mask_bytes=10)


@pytest.mark.parametrize("limits", [(5 * VOXELS - 1, VOXELS), (5 * VOXELS, VOXELS - 1)])
def test_what_does_not_fit_is_refused(limits):
    """By bytes and by voxels; what fits exactly is taken."""
    require_fitting(asked(), 5 * VOXELS, VOXELS)
    with pytest.raises(RequestTooLarge, match="send a smaller part"):
        require_fitting(asked(), *limits)


def test_a_large_mask_is_refused_too():
    """The mask has a grid of its own, and the limit counts for it."""
    made = asked()
    made.volume.CopyFrom(
        volume_message(Volume(scan()[0].hu[:2, :2, :2].copy(), type(GRID)((2, 2, 2), GRID.spacing_mm)))
    )

    with pytest.raises(RequestTooLarge, match="the mask has 115200 voxels"):
        require_fitting(made, 2**40, VOXELS - 1)


def test_a_total_that_cannot_be_is_refused_by_the_header():
    """A plain CT has the size of its grid; nothing can be said of a compressed one."""
    header = messages.ClassifyHeader(request=asked(), volume_bytes=4 * VOXELS)
    require_announced(header)
    header.volume_bytes += 1
    with pytest.raises(InvalidRequest, match=r"header\.volume_bytes: the geometry needs 460800 bytes, 460801 are"):
        require_announced(header)
    require_announced(messages.ClassifyHeader(request=asked(volume=Compression.ZSTD), volume_bytes=1))
