"""A request, cut into the messages of a stream."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import google_crc32c

from nodelens.v1 import node_classifier_service_pb2 as messages

CHUNK_BYTES = 1 << 20
"""Bytes in one chunk; larger ones are not faster."""

Progress = Callable[[int, int], None]
"""Is told the bytes sent so far, and those to send altogether."""


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """
    A request that can be streamed, as often as needed.

    Attributes:
        header: All but the voxels.
        parts: The voxels by target.
    """

    header: messages.ClassifyHeader
    parts: dict[Any, bytes]

    @classmethod
    def of(cls, request: messages.ClassifyRequest) -> "Parcel":
        """Pack a request with the voxels of volume and mask; they are taken out of it."""
        parts: dict[Any, bytes] = {
            messages.TARGET_VOLUME: request.volume.voxels,
            messages.TARGET_MASK: request.mask.voxels,
        }
        request.volume.ClearField("voxels")
        request.mask.ClearField("voxels")
        volume_bytes, mask_bytes = map(len, parts.values())
        return cls(messages.ClassifyHeader(request=request, volume_bytes=volume_bytes, mask_bytes=mask_bytes), parts)

    def stream(self, progress: Progress | None = None) -> Iterator[messages.ClassifyStreamRequest]:
        """
        The header and the chunks.

        Args:
            progress: Told after each chunk.
        """
        yield messages.ClassifyStreamRequest(header=self.header)
        sent, total = 0, sum(map(len, self.parts.values()))
        for target, data in self.parts.items():
            for offset in range(0, len(data), CHUNK_BYTES):
                piece = data[offset : offset + CHUNK_BYTES]
                crc32c = google_crc32c.value(piece)
                chunk = messages.Chunk(target=target, offset=offset, data=piece, crc32c=crc32c)
                yield messages.ClassifyStreamRequest(chunk=chunk)
                sent += len(piece)
                if progress:
                    progress(sent, total)
