"""Studies that are pushed are taken, by a real sender."""

from contextlib import contextmanager

import pynetdicom
import pytest
from pydicom.uid import CTImageStorage, JPEG2000Lossless, MRImageStorage, RTStructureSetStorage, SegmentationStorage

from service.faults import CannotStart
from service.pacs.archive import digest_of
from service.pacs.listener import Entity, listening
from tests.service.pacs.phantoms import ct_slices, segmentation, structure_set, uid
from tests.service.pacs.test_spool import spool_at

STUDY = digest_of(uid("study", 1))


@contextmanager
def association(port, title="SENDER", called="NODELENS", contexts=(CTImageStorage, SegmentationStorage)):
    """A connection of a sender."""
    entity = pynetdicom.AE(ae_title=title)
    for context in (*contexts, RTStructureSetStorage):
        entity.add_requested_context(context)
    entity.add_requested_context(CTImageStorage, JPEG2000Lossless)
    entity.add_requested_context(pynetdicom.sop_class.Verification)
    opened = entity.associate("127.0.0.1", port, ae_title=called)
    try:
        yield opened
    finally:
        opened.release()


@pytest.fixture
def spool(tmp_path):
    """An empty spool."""
    return spool_at(tmp_path / "spool")


def test_what_is_sent_is_in_the_spool_when_it_is_confirmed(spool):
    """CT, SEG and RTSTRUCT; and the sender may ask whether somebody is there."""
    slices = ct_slices(1)
    with listening(Entity(port=0), spool) as port, association(port) as sender:
        assert 0x0000 == sender.send_c_echo().Status
        for count, dataset in enumerate((*slices[:2], segmentation(slices), structure_set(slices)), 1):
            assert 0x0000 == sender.send_c_store(dataset).Status
            assert count == sum(len(series.instances) for series in spool.study(STUDY).series)


def test_compressed_slices_are_taken(spool):
    """As they are."""
    with listening(Entity(port=0), spool) as port, association(port) as sender:
        accepted = {(context.abstract_syntax, context.transfer_syntax[0]) for context in sender.accepted_contexts}

    assert (CTImageStorage, JPEG2000Lossless) in accepted


def test_other_objects_are_not_taken(spool):
    """The sender is told when it connects."""
    with listening(Entity(port=0), spool) as port, association(port, contexts=(MRImageStorage,)) as sender:
        refused = [context.abstract_syntax for context in sender.rejected_contexts]

    assert [MRImageStorage] == refused


def test_a_full_spool_says_so(tmp_path):
    """Out of resources (A700): the sender sends again later."""
    full = spool_at(tmp_path / "spool", limit_bytes=10)
    with listening(Entity(port=0), full) as port, association(port) as sender:
        assert 0xA700 == sender.send_c_store(ct_slices(1)[0]).Status


def test_an_instance_without_a_study_is_not_understood(spool):
    """C000: it need not be sent again."""
    orphan = ct_slices(1)[0]
    orphan.StudyInstanceUID = ""
    with listening(Entity(port=0), spool) as port, association(port) as sender:
        assert 0xC000 == sender.send_c_store(orphan).Status


@pytest.mark.parametrize(("title", "called"), [("STRANGER", "NODELENS"), ("SENDER", "OTHER")])
def test_strangers_and_wrong_numbers_are_refused(spool, title, called):
    """The sender must be known, and mean us."""
    with listening(Entity(port=0, callers=("SENDER",)), spool) as port, association(port, title, called) as sender:
        assert sender.is_rejected


def test_nobody_may_send_from_the_network_unnamed():
    """An address that other machines reach needs a list of those that may."""
    with pytest.raises(CannotStart, match="name those that may send with --allow"):
        Entity(host="0.0.0.0").check()
    Entity(host="0.0.0.0", callers=("SENDER",)).check()
    Entity().check()


def test_a_port_that_is_taken_is_told(spool):
    """Two listeners need two ports."""
    with listening(Entity(port=0), spool) as port, pytest.raises(CannotStart, match=f"on 127.0.0.1:{port}"):
        listening(Entity(port=port), spool).__enter__()
