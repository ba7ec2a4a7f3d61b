"""DICOM instances that arrive in chunks."""

import google_crc32c
import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest, RequestTooLarge
from service.instances.upload import MOST_INSTANCES, InstanceUpload


def upload(*sizes, limit_bytes=100):
    """An upload of instances of these sizes."""
    return InstanceUpload(messages.DicomHeader(instance_bytes=sizes), limit_bytes)


def chunk(instance, offset, data, crc32c=None):
    """A piece with its right checksum, or another."""
    right = google_crc32c.value(data)
    return messages.DicomChunk(instance=instance, offset=offset, data=data, crc32c=right if crc32c is None else crc32c)


def test_pieces_are_put_together():
    """Instances may alternate; a checksum of 0 is not checked."""
    parts = upload(6, 2)
    for piece in (chunk(0, 0, b"abc"), chunk(1, 0, b"xy"), chunk(0, 3, b"def", crc32c=0)):
        parts.add(piece)

    assert 8 == parts.byte_count
    assert [b"abcdef", b"xy"] == parts.finished()


@pytest.mark.parametrize(
    ("pieces", "field", "message"),
    [
        ([chunk(0, 3, b"abc")], "chunk.offset", "0 bytes of instance 0 are here, the chunk is for 3"),
        ([chunk(0, 0, b"abc"), chunk(0, 0, b"abc")], "chunk.offset", "3 bytes"),
        ([chunk(0, 0, b"abc"), chunk(0, 2, b"cde")], "chunk.offset", "3 bytes"),
        ([chunk(1, 0, b"xyz")], r"header.instance_bytes[1]", "2 bytes were announced, 3 or more were sent"),
        ([chunk(0, 0, b"abc", crc32c=7)], "chunk.crc32c", "damaged"),
        ([chunk(2, 0, b"abc")], "chunk.instance", "2 instances were announced, the chunk is of 2"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(pieces, field, message):
    """Gaps, repeats, overlaps, surplus and damage are told as what they are."""
    parts = upload(6, 2)
    for piece in pieces[:-1]:
        parts.add(piece)

    with pytest.raises(InvalidRequest, match=message) as error:
        parts.add(pieces[-1])
    assert field == error.value.field


def test_too_few_bytes_are_refused():
    """An upload that ends early says which instance is cut off."""
    parts = upload(6, 2)
    parts.add(chunk(0, 0, b"abcdef"))

    with pytest.raises(InvalidRequest, match=r"header\.instance_bytes\[1\]: 2 bytes were announced, 0 were sent"):
        parts.finished()


@pytest.mark.parametrize(("sizes", "field"), [((), "header.instance_bytes"), ((3, 0), "header.instance_bytes[1]")])
def test_a_header_without_instances_is_refused(sizes, field):
    """There must be some, and none may be empty."""
    with pytest.raises(InvalidRequest) as error:
        upload(*sizes)
    assert field == error.value.field


@pytest.mark.parametrize("sizes", [(60, 41), (2**63, 2**63), (1,) * (MOST_INSTANCES + 1)])
def test_too_much_is_refused_by_its_header(sizes):
    """Neither bytes nor instances beyond the limit need come."""
    with pytest.raises(RequestTooLarge, match="this server takes"):
        upload(*sizes, limit_bytes=100 if len(sizes) < 3 else 2**20)
