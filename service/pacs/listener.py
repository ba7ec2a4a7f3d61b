"""Takes studies from archives that push: a C-STORE service class provider (PS3.4 B), with C-ECHO."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, RTStructureSetStorage, SegmentationStorage

from service.faults import CannotStart
from service.pacs.extra import needed
from service.pacs.spool import Spool, SpoolFull
from service.security.address import is_loopback

TAKEN = (CTImageStorage, EnhancedCTImageStorage, SegmentationStorage, RTStructureSetStorage)

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entity:
    """
    How the bridge is known to those who send.

    Attributes:
        title: Its AE title.
        host: Address to listen on.
        port: TCP port; 0 lets the system choose.
        callers: AE titles that may send; empty is all, on the loopback address only.
    """

    title: str = "NODELENS"
    host: str = "127.0.0.1"
    port: int = 11112
    callers: tuple[str, ...] = ()

    def check(self) -> None:
        """
        Raise unless the choices are sound.

        Raises:
            CannotStart: anybody could send from the network.
        """
        if not self.callers and not is_loopback(self.host):
            raise CannotStart(f"--bind {self.host}: other machines reach it; name those that may send with --allow")


@contextmanager
def listening(entity: Entity, spool: Spool) -> Iterator[int]:
    """
    Take instances into a spool, until the block ends; yields the port.

    Raises:
        CannotStart: the library is not installed, or the port is taken.
    """
    pynetdicom = needed("pynetdicom")
    server = pynetdicom.AE(ae_title=entity.title)
    server.require_called_aet = True
    server.require_calling_aet = list(entity.callers)
    server.maximum_associations = 20
    for sop_class in TAKEN:
        server.add_supported_context(sop_class, pynetdicom.ALL_TRANSFER_SYNTAXES)
    server.add_supported_context(pynetdicom.sop_class.Verification)
    handlers = [(pynetdicom.evt.EVT_C_STORE, _taken, [spool])]
    try:
        running = server.start_server((entity.host.strip("[]"), entity.port), block=False, evt_handlers=handlers)
    except OSError as error:
        raise CannotStart(f"cannot listen on {entity.host}:{entity.port}: {error.strerror}") from error
    try:
        yield running.server_address[1]
    finally:
        server.shutdown()


def _taken(event: Any, spool: Spool) -> int:
    """The status of one instance; success only when it is on the disk."""
    try:
        spool.add(event.encoded_dataset())
    except SpoolFull:
        log.error("the spool is full")
        return OUT_OF_RESOURCES
    except Exception as error:  # Whatever a broken instance makes pydicom raise is the sender's to know of.
        log.warning("not taken", extra={"exception": type(error).__name__})
        return CANNOT_UNDERSTAND
    return SUCCESS
