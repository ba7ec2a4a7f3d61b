"""Results go to a peer by C-STORE: a real one, in the same process."""

import gc
from contextlib import contextmanager

import pynetdicom
import pytest
from pydicom.uid import SegmentationStorage

from service.dicom.objects import file_of
from service.faults import CannotStart
from service.pacs.faults import ArchiveAway, NotToBeScored, StudyFailed
from service.pacs.peer import Peer, Sender
from tests.service.pacs.orthancs import free_port
from tests.service.pacs.phantoms import ct_slices, segmentation

RESULT = file_of(segmentation(ct_slices(1)))


@contextmanager
def peer(status=0x0000, sop_class=SegmentationStorage, title="PACS", callers=()):
    """An application entity that answers every instance with a status; where it is, and what it got."""
    got = []

    def store(event):
        got.append(event.encoded_dataset())
        return status

    entity = pynetdicom.AE(ae_title=title)
    entity.require_called_aet, entity.require_calling_aet = True, list(callers)
    entity.add_supported_context(sop_class)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(pynetdicom.evt.EVT_C_STORE, store)])
    try:
        yield Peer("PACS", "127.0.0.1", server.server_address[1]), got
    finally:
        server.shutdown()


@pytest.mark.parametrize("status", [0x0000, 0x0111, 0xB000])
def test_a_result_is_stored(status):
    """So is one that is there already, and one with a warning."""
    with peer(status) as (there, got):
        Sender(there, "NODELENS").send(RESULT)

    assert 1 == len(got)


def test_a_peer_without_room_is_away():
    """It is asked again later."""
    with peer(0xA700) as (there, _), pytest.raises(ArchiveAway, match="no room"):
        Sender(there, "NODELENS").send(RESULT)


def test_a_peer_that_fails_over_a_result_is_told_by_its_status():
    """The study is tried again."""
    with (
        peer(0xC123) as (there, _),
        pytest.raises(StudyFailed, match=r"Segmentation Storage \(status C123\)"),
    ):
        Sender(there, "NODELENS").send(RESULT)


def test_a_peer_that_takes_no_such_objects_is_told():
    """With what to do about it."""
    with peer(sop_class="1.2.840.10008.5.1.4.1.1.2") as (there, _), pytest.raises(NotToBeScored, match="--without"):
        Sender(there, "NODELENS").send(RESULT)


@pytest.mark.parametrize("changes", [{"title": "OTHER"}, {"callers": ["SOMEBODY"]}])
def test_a_peer_that_does_not_know_us_is_away(changes):
    """Somebody must mend its list or ours."""
    with peer(**changes) as (there, _), pytest.raises(ArchiveAway, match="refuses the association"):
        Sender(there, "NODELENS").send(RESULT)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_peer_that_is_not_there_is_away():
    """Nothing answers at the port."""
    with pytest.raises(ArchiveAway, match="does not answer"):
        Sender(Peer("PACS", "127.0.0.1", free_port()), "NODELENS").send(RESULT)
    gc.collect()  # pynetdicom leaves a socket open that did not connect.


def test_a_peer_is_written_as_title_host_and_port():
    """IPv6 addresses are in brackets, as elsewhere."""
    assert Peer("PACS", "pacs.example", 104) == Peer.from_text("PACS@pacs.example:104")
    assert Peer("PACS", "[::1]", 104) == Peer.from_text("PACS@[::1]:104")


@pytest.mark.parametrize("text", ["PACS", "PACS@host", "@host:104", "host:104", "PACS@host:0", "A" * 17 + "@host:1"])
def test_anything_else_is_no_peer(text):
    """The message shows an example."""
    with pytest.raises(CannotStart, match="such as PACS@localhost:104"):
        Peer.from_text(text)
