"""DICOM instances as a stream of chunks."""

import google_crc32c
import pytest

from imaging.errors import NoCtImage, UnreadableSeries
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.instances.parcel import InstanceParcel
from service.sending import CHUNK_BYTES
from tests.service.instances.sent import seg_study

LARGE = b"\0" * 128 + b"DICM" + bytes(range(256)) * (CHUNK_BYTES // 128)
SMALL = b"\0" * 128 + b"DICM" + b"small"


def parcel(*sources):
    """Of these files."""
    return InstanceParcel.of(messages.DicomHeader(model="cnn"), sources)


def test_the_header_comes_first_and_tells_all_sizes():
    """It keeps what else it said."""
    header = next(parcel(LARGE, SMALL).stream()).header

    assert [len(LARGE), len(SMALL)] == list(header.instance_bytes)
    assert "cnn" == header.model


def test_the_chunks_put_together_are_the_instances():
    """Nothing is lost, each chunk is at most 1 MiB and carries its checksum, and a small instance is one."""
    received = [b"", b""]
    _, *rest = parcel(LARGE, SMALL).stream()
    for message in rest:
        chunk = message.chunk
        assert len(received[chunk.instance]) == chunk.offset
        assert google_crc32c.value(chunk.data) == chunk.crc32c != 0
        received[chunk.instance] += chunk.data

    assert [LARGE, SMALL] == received
    assert 1 == sum(message.chunk.instance for message in rest)
    assert max(len(message.chunk.data) for message in rest) <= CHUNK_BYTES


def test_what_is_not_dicom_stays_here(tmp_path):
    """Of a folder neither notes nor the DICOMDIR are sent."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(seg_study()[0])
    (tmp_path / "DICOMDIR").write_bytes(seg_study()[1])
    (tmp_path / "notes.txt").write_text("Carla was here")

    assert [seg_study()[0]] == list(InstanceParcel.of(messages.DicomHeader(), tmp_path).instances)


def test_nothing_to_send_is_told_before_a_call_is_made(tmp_path):
    """An empty folder, one that is not there, and files of another kind."""
    with pytest.raises(NoCtImage, match="none of the files"):
        InstanceParcel.of(messages.DicomHeader(), tmp_path)
    with pytest.raises(NoCtImage):
        parcel(b"not DICOM")
    with pytest.raises(UnreadableSeries, match="no such folder"):
        InstanceParcel.of(messages.DicomHeader(), tmp_path / "missing")


def test_progress_ends_at_the_whole():
    """What is told grows to the number of bytes of all instances."""
    told = []

    list(parcel(LARGE, SMALL).stream(lambda sent, total: told.append((sent, total))))

    assert sorted(told) == told
    assert (len(LARGE) + len(SMALL),) * 2 == told[-1]
