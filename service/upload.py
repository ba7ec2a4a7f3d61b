"""A CT and a mask that arrive in chunks."""

from typing import TypeVar

import google_crc32c
import numpy as np
from google.protobuf.message import Message

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest, Reason, RequestTooLarge

M = TypeVar("M", bound=Message)

VOLUME = messages.TARGET_VOLUME
MASK = messages.TARGET_MASK
NAMES = {VOLUME: "volume", MASK: "mask"}


class Upload:
    """
    The bytes of one streamed request, written where they will be used.

    They take memory as they come, not as they are announced: the system gives pages when they are written.

    Attributes:
        request: The header's request, without voxels.

    Raises:
        RequestTooLarge: the header announces more than is allowed.
    """

    def __init__(self, header: messages.ClassifyHeader, limit_bytes: int) -> None:
        total = header.volume_bytes + header.mask_bytes
        if total > limit_bytes:
            raise RequestTooLarge(f"{total} bytes are announced, this server takes {limit_bytes}; send a smaller part")
        self.request = header.request
        self._announced = {VOLUME: header.volume_bytes, MASK: header.mask_bytes}
        self._parts = {target: np.empty(count, dtype=np.uint8) for target, count in self._announced.items()}
        self._received = dict.fromkeys(self._announced, 0)

    def add(self, chunk: messages.Chunk) -> None:
        """
        Take the next piece.

        Raises:
            InvalidRequest: it does not follow the one before, is damaged, or exceeds what the header announced.
        """
        if chunk.target not in NAMES:
            raise invalid("chunk.target", "must be TARGET_VOLUME or TARGET_MASK")
        name, announced, received = NAMES[chunk.target], self._announced[chunk.target], self._received[chunk.target]
        data = piece_of(chunk, f"the {name}", f"header.{name}_bytes", received, announced)
        end = received + len(data)
        self._parts[chunk.target][received:end] = np.frombuffer(data, dtype=np.uint8)
        self._received[chunk.target] = end

    def finished(self) -> tuple[memoryview, memoryview]:
        """
        The bytes of volume and mask.

        Raises:
            InvalidRequest: there are fewer than the header announced.
        """
        for target, name in NAMES.items():
            require_whole(f"header.{name}_bytes", self._received[target], self._announced[target])
        return self._parts[VOLUME].data, self._parts[MASK].data


def piece_of(
    chunk: messages.Chunk | messages.DicomChunk, whole: str, field: str, received: int, announced: int
) -> bytes:
    """
    The bytes of a chunk that continues what is being sent.

    Args:
        chunk: It.
        whole: What it is a piece of, in words.
        field: Where that was announced.
        received: Bytes of it that are here.
        announced: Bytes that it has.

    Raises:
        InvalidRequest: the chunk does not follow the one before, is damaged, or exceeds what was announced.
    """
    data = chunk.data  # Once: each reading of the field is a copy.
    end = received + len(data)
    if chunk.offset != received:
        raise invalid("chunk.offset", f"{received} bytes of {whole} are here, the chunk is for {chunk.offset}")
    if end > announced:
        raise invalid(field, f"{announced} bytes were announced, {end} or more were sent")
    if chunk.crc32c and chunk.crc32c != google_crc32c.value(data):
        raise invalid("chunk.crc32c", f"{whole} was damaged on the way, at byte {received}; send it again")
    return data


def require_whole(field: str, received: int, announced: int) -> None:
    """
    Refuse what ended early.

    Raises:
        InvalidRequest: fewer bytes are here than were announced in a field.
    """
    if received < announced:
        raise invalid(field, f"{announced} bytes were announced, {received} were sent")


def part_of(message: M | None, kind: str) -> M:
    """
    A message of a stream that must be a header, or a chunk.

    Args:
        message: None where the stream has ended.
        kind: Which it must be.

    Raises:
        InvalidRequest: it is none.
    """
    if message is None:
        raise invalid("part", f"the stream ended before the {kind}")
    if message.WhichOneof("part") != kind:
        raise invalid("part", "the first message must be the header, all others chunks")
    return message


def invalid(field: str, message: str) -> InvalidRequest:
    """The refusal of an upload."""
    return InvalidRequest(field, message, Reason.INVALID_UPLOAD)
