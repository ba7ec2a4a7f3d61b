"""From bytes to a study."""

from io import BytesIO
from threading import Event

import pydicom
import pytest
from numpy.testing import assert_array_equal
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from imaging.dicom.instances import Instance
from service.faults import InvalidRequest, RequestTooLarge
from service.inference.workers import Abandoned
from service.instances.reading import headers_of, study_in
from tests.service.instances.sent import NAMES, ct, seg_study, stored, whole_scan

RUNNING, ENDED = Event(), Event()
ENDED.set()


def study(files, *names, max_voxels=2**20, ended=RUNNING):
    """The study in these files."""
    return study_in(headers_of(files, RUNNING), names, "", max_voxels, ended)


def compressed(syntax):
    """The study, its slices compressed without loss."""
    slices = [pydicom.dcmread(BytesIO(data)) for data in seg_study()[1:]]
    for dataset in slices:
        dataset.compress(syntax, generate_instance_uid=False)
    return [seg_study()[0], *stored(*slices)]


def test_a_study_is_what_was_sent():
    """CT and names come out of the bytes."""
    found = study(seg_study())

    assert_array_equal(whole_scan()[0].hu, found.volume.hu)
    assert set(NAMES) == {mark.name for mark in found.marks}
    assert ["hilar"] == [mark.name for mark in study(seg_study(), "HILAR").marks]


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_compressed_pixels_are_the_same(syntax):
    """Compression without loss changes no Hounsfield unit."""
    assert_array_equal(whole_scan()[0].hu, study(compressed(syntax)).volume.hu)


def test_too_many_voxels_are_refused_before_any_pixel_is_read():
    """A CT beyond the limit is never decoded."""
    with pytest.raises(RequestTooLarge, match="the CT has 115200 voxels, 115199 are allowed"):
        study(seg_study(), max_voxels=115_199)


def test_a_file_that_is_inflated_as_a_whole_is_refused_unopened():
    """It could become any size."""
    dataset = pydicom.dcmread(BytesIO(seg_study()[1]))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    [deflated] = stored(dataset)

    with pytest.raises(InvalidRequest, match=r"instances\[1\]: has the transfer syntax Deflated"):
        headers_of([seg_study()[0], deflated], RUNNING)


def test_an_instance_that_was_cut_off_is_named_by_its_number():
    """The caller finds it by what viewers show, and not by an identifier."""
    *others, last = seg_study()

    with pytest.raises(InvalidRequest, match=r"instances\[InstanceNumber=71\]\.PixelData") as error:
        study([*others, last[:-100]])
    assert "UNREADABLE_PIXELS" == error.value.reason


def test_a_call_that_has_ended_reads_no_more():
    """Neither a header nor the pixels of a slice."""
    instances = headers_of(seg_study(), RUNNING)
    with pytest.raises(Abandoned):
        headers_of(seg_study(), ENDED)

    with pytest.raises(InvalidRequest, match="cannot be read to its end"):
        study_in(instances, (), "", 2**20, ENDED)
    assert len(ct()) == len(instances) - 1
    assert all(type(each) is Instance for each in instances)
