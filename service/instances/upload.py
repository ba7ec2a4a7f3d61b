"""DICOM instances that arrive in chunks."""

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import RequestTooLarge
from service.upload import invalid, piece_of, require_whole

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
            raise invalid("header.instance_bytes", "no instance is announced")
        if 0 in self._announced:
            raise invalid(f"header.instance_bytes[{self._announced.index(0)}]", "must be at least 1")
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
            raise invalid("chunk.instance", f"{len(self._announced)} instances were announced, the chunk is of {n}")
        received = self._received[n]
        data = piece_of(chunk, f"instance {n}", f"header.instance_bytes[{n}]", received, self._announced[n])
        self._pieces[n].append(data)
        self._received[n] = received + len(data)

    def finished(self) -> list[bytes]:
        """
        The bytes of each instance, which are given away.

        Raises:
            InvalidRequest: there are fewer than the header announced.
        """
        for n, (announced, received) in enumerate(zip(self._announced, self._received, strict=True)):
            require_whole(f"header.instance_bytes[{n}]", received, announced)
        files = []
        for pieces in self._pieces:
            files.append(pieces[0] if len(pieces) == 1 else b"".join(pieces))
            pieces.clear()
        return files
