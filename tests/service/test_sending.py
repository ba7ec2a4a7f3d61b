"""A request as a stream of chunks."""

import google_crc32c
import pytest

from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.sending import CHUNK_BYTES, Parcel


def request_of(volume: bytes, mask: bytes) -> messages.ClassifyRequest:
    """A request with these voxels."""
    return messages.ClassifyRequest(
        request_id="r", model="cnn", volume=images.Volume(voxels=volume), mask=images.Mask(voxels=mask)
    )


VOLUME = bytes(range(256)) * (CHUNK_BYTES // 256) * 2 + b"end"
MASK = b"mask"


def test_the_header_comes_first_and_holds_no_voxels():
    """It announces the bytes of both, and keeps all else of the request."""
    header = next(Parcel.of(request_of(VOLUME, MASK)).stream()).header

    assert (len(VOLUME), len(MASK)) == (header.volume_bytes, header.mask_bytes)
    assert "cnn" == header.request.model
    assert b"" == header.request.volume.voxels == header.request.mask.voxels


def test_the_chunks_put_together_are_the_voxels():
    """Nothing is lost, each target's chunks are in order, each of at most 1 MiB."""
    _, *rest = Parcel.of(request_of(VOLUME, MASK)).stream()

    for target, sent in ((messages.TARGET_VOLUME, VOLUME), (messages.TARGET_MASK, MASK)):
        chunks = [message.chunk for message in rest if message.chunk.target == target]
        received = b""
        for chunk in chunks:
            assert len(received) == chunk.offset
            received += chunk.data
        assert sent == received
        assert max(len(chunk.data) for chunk in chunks) <= CHUNK_BYTES


def test_every_chunk_carries_its_checksum():
    """Bytes that are damaged on the way are found by CRC-32C."""
    for message in list(Parcel.of(request_of(VOLUME, MASK)).stream())[1:]:
        assert google_crc32c.value(message.chunk.data) == message.chunk.crc32c != 0


@pytest.mark.parametrize(("volume", "mask"), [(VOLUME, MASK), (b"v", b"")])
def test_progress_ends_at_the_whole(volume, mask):
    """What is told grows to the number of bytes of volume and mask together."""
    told = []

    list(Parcel.of(request_of(volume, mask)).stream(lambda sent, total: told.append((sent, total))))

    assert sorted(told) == told
    assert (len(volume) + len(mask),) * 2 == told[-1]
