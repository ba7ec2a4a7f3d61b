"""Streams that come too slowly."""

import asyncio

import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.admission.patience import PROGRESS_BYTES, patient
from service.faults import UploadStalled


def chunk(byte_count):
    """A message of about so many bytes."""
    return messages.ClassifyStreamRequest(chunk=messages.Chunk(data=bytes(byte_count)))


async def received(count, byte_count, pause_s, idle_s):
    """The messages that are taken of a stream of ``count`` with a pause before each."""

    async def sent():
        for _ in range(count):
            await asyncio.sleep(pause_s)
            yield chunk(byte_count)

    return [len(message.chunk.data) async for message in patient(sent(), idle_s)]


def test_a_stream_that_makes_progress_may_take_long():
    """Eight chunks in eight pauses come through although all together take longer than the sender may be silent."""
    assert [PROGRESS_BYTES] * 8 == asyncio.run(received(8, PROGRESS_BYTES, pause_s=0.1, idle_s=0.4))


@pytest.mark.parametrize(("byte_count", "pause_s"), [(PROGRESS_BYTES, 60.0), (1, 0.01)])
def test_silence_and_dribbling_are_ended(byte_count, pause_s):
    """Who sends nothing, and who sends byte after byte, is stopped after the same time."""
    with pytest.raises(UploadStalled, match=r"for 0\.1 s"):
        asyncio.run(received(1000, byte_count, pause_s, idle_s=0.1))


def test_a_short_stream_needs_no_progress():
    """What ends in time may be as small as it likes."""
    assert [1, 1] == asyncio.run(received(2, 1, pause_s=0.0, idle_s=5.0))
