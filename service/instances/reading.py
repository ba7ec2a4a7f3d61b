"""From the bytes of DICOM instances to a study, in two steps: headers first, so that nothing too large is decoded."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event

from pydicom.dataset import FileDataset

from imaging.dicom.instances import Instance, read_instances
from imaging.dicom.reader import study_of
from imaging.dicom.study import DicomStudy
from service.faults import InvalidRequest, Reason
from service.inference.workers import Abandoned
from service.instances.refusals import refused

DEFLATED = re.compile(rb"\x02\x00\x10\x00.{4}1\.2\.840\.10008\.1\.2\.1\.99", re.DOTALL)
"""The Transfer Syntax UID (0002,0010) of a dataset that is inflated as a whole, to whatever size, when it is opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Stoppable(Instance):
    """
    An instance that is no longer read once its call has ended.

    Attributes:
        ended: Set when it has.
    """

    ended: Event

    def whole(self) -> FileDataset:
        """All of it."""
        if self.ended.is_set():
            raise Abandoned
        return Instance.whole(self)


def headers_of(files: Sequence[bytes], ended: Event) -> list[Instance]:
    """
    The headers of the DICOM instances among files.

    Raises:
        InvalidRequest: one is damaged, or would have to be inflated as a whole.
    """
    with refused():
        return read_instances(_each(files, ended))


def study_in(
    instances: Sequence[Instance], names: Sequence[str], marking: str, max_voxels: int, ended: Event
) -> DicomStudy:
    """
    The CT and what is marked in it.

    Args:
        instances: Their headers.
        names: What of it to read; all where there is none.
        marking: Which SEG or RTSTRUCT to read, where there are several.
        max_voxels: Largest CT, and largest grid of a segmentation.
        ended: Set when nobody waits for it any more.

    Raises:
        InvalidRequest: the instances make no such study.
        RequestTooLarge: it has too many voxels.
    """
    with refused():
        stoppable = [Stoppable(each.source, each.header, ended) for each in instances]
        return study_of(stoppable, names, marking, max_voxels)


def _each(files: Sequence[bytes], ended: Event) -> Iterator[bytes]:
    for n, data in enumerate(files):
        if ended.is_set():
            raise Abandoned
        if DEFLATED.search(data):
            message = "has the transfer syntax Deflated Explicit VR Little Endian; send it in another"
            raise InvalidRequest(f"instances[{n}]", message, Reason.INVALID_DICOM)
        yield data
