"""A request, cut into the messages of a stream."""

from collections.abc import Callable, Iterator
from typing import Any

import google_crc32c

from nodelens.v1 import node_classifier_service_pb2 as messages

CHUNK_BYTES = 1 << 20
"""Bytes in one chunk; larger ones are not faster."""

Progress = Callable[[int, int], None]
"""Is told the bytes sent so far, and those to send altogether."""


def stream_of(
    request: messages.ClassifyRequest, progress: Progress | None = None
) -> Iterator[messages.ClassifyStreamRequest]:
    """
    The header and the chunks of a request.

    Args:
        request: With the voxels of volume and mask; they are taken out of it.
        progress: Told after each chunk.
    """
    parts: dict[Any, bytes] = {
        messages.TARGET_VOLUME: request.volume.voxels,
        messages.TARGET_MASK: request.mask.voxels,
    }
    request.volume.ClearField("voxels")
    request.mask.ClearField("voxels")
    volume_bytes, mask_bytes = map(len, parts.values())
    header = messages.ClassifyHeader(request=request, volume_bytes=volume_bytes, mask_bytes=mask_bytes)
    yield messages.ClassifyStreamRequest(header=header)
    sent = 0
    for target, data in parts.items():
        for offset in range(0, len(data), CHUNK_BYTES):
            piece = data[offset : offset + CHUNK_BYTES]
            crc32c = google_crc32c.value(piece)
            chunk = messages.Chunk(target=target, offset=offset, data=piece, crc32c=crc32c)
            yield messages.ClassifyStreamRequest(chunk=chunk)
            sent += len(piece)
            if progress:
                progress(sent, volume_bytes + mask_bytes)
