"""DICOM instances that arrive in chunks."""

import google_crc32c

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest, Reason, RequestTooLarge

MOST_INSTANCES = 20_000
"""Of one request; a CT has a thousand slices, and each instance takes memory beyond its bytes."""


class InstanceUpload:
    """
    The bytes of one request's instances.

    Attributes:
        byte_count: Of all instances, as announced.

    Raises:
        InvalidRequest: the header announces no instance, or one without bytes.
        RequestTooLarge: it announces more than is allowed.
    """

    def __init__(self, header: messages.DicomHeader, limit_bytes: int) -> None:
        self._announced = list(header.instance_bytes)
        self.byte_count = sum(self._announced)
        if not self._announced:
            raise _invalid("header.instance_bytes", "no instance is announced")
        if 0 in self._announced:
            raise _invalid(f"header.instance_bytes[{self._announced.index(0)}]", "must be at least 1")
        if len(self._announced) > MOST_INSTANCES:
            raise RequestTooLarge(
                f"{len(self._announced)} instances are announced, this server takes {MOST_INSTANCES}; send one CT "
                "series and what marks its nodes"
            )
        if self.byte_count > limit_bytes:
            raise RequestTooLarge(
                f"{self.byte_count} bytes are announced, this server takes {limit_bytes}; send one CT series and what "
                "marks its nodes"
            )
        self._pieces: list[list[bytes]] = [[] for _ in self._announced]
        self._received = [0] * len(self._announced)

    def add(self, chunk: messages.DicomChunk) -> None:
        """
        Take the next piece of an instance.

        Raises:
            InvalidRequest: it does not follow the one before, is damaged, or exceeds what the header announced.
        """
        n = chunk.instance
        if n >= len(self._announced):
            raise _invalid("chunk.instance", f"{len(self._announced)} instances were announced, the chunk is of {n}")
        data = chunk.data  # Once: each reading of the field is a copy.
        received, announced = self._received[n], self._announced[n]
        end = received + len(data)
        if chunk.offset != received:
            raise _invalid(
                "chunk.offset", f"{received} bytes of instance {n} are here, the chunk is for {chunk.offset}"
            )
        if end > announced:
            raise _invalid(f"header.instance_bytes[{n}]", f"{announced} bytes were announced, {end} or more were sent")
        if chunk.crc32c and chunk.crc32c != google_crc32c.value(data):
            raise _invalid("chunk.crc32c", f"instance {n} was damaged on the way, at byte {received}; send it again")
        self._pieces[n].append(data)
        self._received[n] = end

    def finished(self) -> list[bytes]:
        """
        The bytes of each instance, which are given away.

        Raises:
            InvalidRequest: there are fewer than the header announced.
        """
        for n, (announced, received) in enumerate(zip(self._announced, self._received, strict=True)):
            if received < announced:
                raise _invalid(f"header.instance_bytes[{n}]", f"{announced} bytes were announced, {received} were sent")
        files = []
        for pieces in self._pieces:
            files.append(pieces[0] if len(pieces) == 1 else b"".join(pieces))
            pieces.clear()
        return files


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(field, message, Reason.INVALID_UPLOAD)
