"""Where results of studies that were sent to a bridge go: another application entity, by C-STORE (PS3.4 B)."""

import io
import re
from dataclasses import dataclass
from typing import Any

import pydicom
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from service.faults import CannotStart
from service.pacs.extra import needed
from service.pacs.faults import ArchiveAway, NotToBeScored, StudyFailed

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]

AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,16}")
"""Without blanks and backslashes (PS3.5 6.2)."""

DUPLICATE = 0x0111
NO_ROOM = range(0xA700, 0xA800)
WARNINGS = range(0xB000, 0xC000)
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """
    An application entity.

    Attributes:
        title: Its AE title.
        host: Name or address.
        port: TCP port.
    """

    title: str
    host: str
    port: int

    @classmethod
    def from_text(cls, text: str) -> "Peer":
        """
        Read ``AE@HOST:PORT``.

        Raises:
            CannotStart: it is something else.
        """
        title, _, address = text.partition("@")
        host, _, port = address.rpartition(":")
        if not AE_TITLE.fullmatch(title) or not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise CannotStart(f"--send-to {text}: must be AE@HOST:PORT, such as PACS@localhost:104")
        return cls(title, host, int(port))


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Sends results to a peer.

    Attributes:
        peer: The peer.
        title: Our own AE title.
    """

    peer: Peer
    title: str

    def send(self, content: bytes) -> None:
        """
        Send one result; one that the peer has already is stored.

        Args:
            content: A DICOM file.

        Raises:
            ArchiveAway: the peer does not answer, or has no room.
            StudyFailed: it failed over this one.
            NotToBeScored: it takes no such objects.
        """
        dataset = pydicom.dcmread(io.BytesIO(content))
        association = self._associated(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
        try:
            status = association.send_c_store(dataset).get("Status")
        except ValueError as error:
            raise NotToBeScored(
                f"the peer does not take {dataset.SOPClassUID.name}; leave it out with --without"
            ) from error
        finally:
            association.release()
        _judge(status, dataset.SOPClassUID.name)

    def _associated(self, sop_class: str, syntax: str) -> Any:
        entity = needed("pynetdicom").AE(ae_title=self.title)
        entity.add_requested_context(sop_class, list(dict.fromkeys([syntax, *SYNTAXES])))
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = TIMEOUT_S
        association = entity.associate(self.peer.host, self.peer.port, ae_title=self.peer.title)
        if association.is_established:
            return association
        if association.is_rejected:
            raise ArchiveAway("the peer refuses the association; it must know this AE title and address")
        if association.rejected_contexts:
            raise NotToBeScored(
                f"the peer does not take {pydicom.uid.UID(sop_class).name}; leave it out with --without"
            )
        raise ArchiveAway("the peer does not answer; check --send-to")


def _judge(status: int | None, name: str) -> None:
    """Raise unless a status is one of success (PS3.4 B.2.3)."""
    if status is None or status in NO_ROOM:
        raise ArchiveAway("the peer broke off" if status is None else "the peer has no room")
    if status not in (0, DUPLICATE) and status not in WARNINGS:
        raise StudyFailed(f"the peer refuses a {name} (status {status:04X}); its log may tell why")
