"""A CT that arrives in chunks."""

import google_crc32c
import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest, RequestTooLarge
from service.upload import MASK, VOLUME, Upload, part_of


def upload(volume_bytes=6, mask_bytes=2, limit_bytes=100):
    """An upload of so many bytes."""
    return Upload(messages.ClassifyHeader(volume_bytes=volume_bytes, mask_bytes=mask_bytes), limit_bytes)


def chunk(target, offset, data, crc32c=None):
    """A piece with its right checksum, or another."""
    return messages.Chunk(
        target=target, offset=offset, data=data, crc32c=google_crc32c.value(data) if crc32c is None else crc32c
    )


def test_pieces_are_put_together():
    """Pieces of volume and mask may alternate; a checksum of 0 is not checked."""
    parts = upload()
    for piece in (
        chunk(VOLUME, 0, b"abc"),
        chunk(MASK, 0, b"xy"),
        chunk(VOLUME, 3, b"def", crc32c=0),
    ):
        parts.add(piece)

    assert (b"abcdef", b"xy") == parts.finished()


@pytest.mark.parametrize(
    ("pieces", "field", "message"),
    [
        ([chunk(VOLUME, 3, b"abc")], "chunk.offset", "0 bytes of the volume are here, the chunk is for 3"),
        ([chunk(VOLUME, 0, b"abc"), chunk(VOLUME, 0, b"abc")], "chunk.offset", "3 bytes"),
        ([chunk(MASK, 0, b"xyz")], "header.mask_bytes", "2 bytes were announced, 3 or more were sent"),
        ([chunk(VOLUME, 0, b"abc", crc32c=7)], "chunk.crc32c", "damaged"),
        ([chunk(0, 0, b"abc")], "chunk.target", "TARGET_VOLUME or TARGET_MASK"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(pieces, field, message):
    """Gaps, repeats, surplus and damage are told as what they are."""
    parts = upload()
    for piece in pieces[:-1]:
        parts.add(piece)

    with pytest.raises(InvalidRequest, match=message) as error:
        parts.add(pieces[-1])
    assert field == error.value.field


def test_too_few_bytes_are_refused():
    """An upload that ends early says what is missing."""
    parts = upload()
    parts.add(chunk(VOLUME, 0, b"abcdef"))

    with pytest.raises(InvalidRequest, match=r"header\.mask_bytes: 2 bytes were announced, 0 were sent"):
        parts.finished()


def test_too_much_is_refused_by_its_header():
    """What exceeds the server's limit is refused before memory is taken."""
    with pytest.raises(RequestTooLarge, match="this server takes 100"):
        upload(volume_bytes=2**60)


@pytest.mark.parametrize("kind", [messages.ClassifyStreamRequest, messages.ClassifyDicomRequest])
def test_a_stream_begins_with_its_header(kind):
    """What is none, or is missing, is told; a header is given through."""
    header, chunk = kind(), kind()
    header.header.SetInParent()
    chunk.chunk.SetInParent()

    assert header is part_of(header, "header")
    for wrong, message in ((chunk, "the first message must be the header"), (None, "ended before the header")):
        with pytest.raises(InvalidRequest, match=message):
            part_of(wrong, "header")
