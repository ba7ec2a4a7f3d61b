"""DICOM instances, cut into the messages of a stream."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import google_crc32c

from imaging.dicom.instances import files_below
from imaging.errors import NoCtImage
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.sending import CHUNK_BYTES, Progress

Source = Path | bytes
"""A DICOM file, or its bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class InstanceParcel:
    """
    A request that can be streamed, as often as needed.

    Attributes:
        header: All but the instances.
        instances: The bytes of each.
    """

    header: messages.DicomHeader
    instances: Sequence[bytes]

    @classmethod
    def of(cls, header: messages.DicomHeader, sources: Path | Iterable[Source]) -> "InstanceParcel":
        """
        Pack what is DICOM among files; anything else stays here.

        Args:
            header: All but the number and size of instances, which are added to it.
            sources: A folder, or files and bytes.

        Raises:
            NoCtImage: nothing of it is DICOM.
            UnreadableSeries: there is no such folder.
        """
        files = files_below(sources) if isinstance(sources, Path) else sources
        instances = [data for data in map(_bytes_of, files) if data[128:132] == b"DICM"]
        if not instances:
            raise NoCtImage("none of the files is in DICOM format")
        header.instance_bytes.extend(map(len, instances))
        return cls(header, instances)

    def stream(self, progress: Progress | None = None) -> Iterator[messages.ClassifyDicomRequest]:
        """
        The header and the chunks.

        Args:
            progress: Told after each chunk.
        """
        yield messages.ClassifyDicomRequest(header=self.header)
        sent, total = 0, sum(map(len, self.instances))
        for n, data in enumerate(self.instances):
            for offset in range(0, len(data), CHUNK_BYTES):
                piece = data[offset : offset + CHUNK_BYTES]
                chunk = messages.DicomChunk(instance=n, offset=offset, data=piece, crc32c=google_crc32c.value(piece))
                yield messages.ClassifyDicomRequest(chunk=chunk)
                sent += len(piece)
                if progress:
                    progress(sent, total)


def _bytes_of(source: Source) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()
