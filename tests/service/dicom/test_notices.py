"""How a study was read, told with its answer."""

from dataclasses import replace

from service.dicom.notices import notices_of, with_notices
from service.findings import Notice
from tests.service.answers import answer, node
from tests.service.dicom.studies import study

READ = replace(study(), notices=("'a' was passed over: it has no voxel",))


def test_each_sentence_is_a_notice():
    """Their code is one, so that programs can tell them from others."""
    [notice] = notices_of(READ)

    assert ("DICOM_READING", READ.notices[0]) == (notice.code, notice.message)
    assert () == notices_of(study())


def test_they_come_after_what_the_server_says():
    """Nothing that it says is lost."""
    found = answer(node(1), notices=(Notice("SYNTHETIC_MODEL", "phantoms"),))

    assert ["SYNTHETIC_MODEL", "DICOM_READING"] == [notice.code for notice in with_notices(found, READ).notices]
