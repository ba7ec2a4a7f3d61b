"""Instances are read by their headers, and named without telling who the patient is."""

from io import BytesIO

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_array_equal
from pydicom.dataset import Dataset

from imaging.dicom.instances import (
    field_of,
    files_below,
    items_of,
    named,
    numbers_of,
    read_instances,
    uid_of,
    whole_number,
)
from imaging.errors import UnreadableDicom, UnreadableMarking, UnreadableSeries
from tests.imaging.dicom.markings import stored
from tests.imaging.dicom.scene import CT
from tests.imaging.series import slices_of

SLICE = slices_of(CT)[0]
[CONTENT] = stored(SLICE)


def test_files_and_bytes_are_read_alike(tmp_path):
    """Pixels are read only when the whole is asked for; what is not DICOM is passed over."""
    path = tmp_path / "slice"
    path.write_bytes(CONTENT)

    found = read_instances([CONTENT, b"", b"text", path])

    assert 2 == len(found)
    assert not any("PixelData" in instance.header or instance.header.buffer for instance in found)
    assert_array_equal(SLICE.pixel_array, found[0].whole().pixel_array)
    assert_array_equal(SLICE.pixel_array, found[1].whole().pixel_array)


def test_a_damaged_file_is_told_by_its_place():
    """What begins as DICOM and ends before it says what it is was damaged on its way, and is not passed over."""
    for length in (140, 200, CONTENT.index(b"\xe0\x7f\x10\x00OW") + 10):
        with pytest.raises(UnreadableDicom, match="file 2 of those given is damaged") as caught:
            read_instances([CONTENT, CONTENT[:length]])

        assert "instances[1]" == caught.value.field


def test_elements_that_break_a_rule_are_not_quoted():
    """No warning, which would quote a patient's element, comes of a value that is too long."""
    copy = pydicom.dcmread(BytesIO(CONTENT))
    copy.add_new("StudyID", "SH", "1")
    copy["StudyID"]._value = "CANARY-4711-CANARY-4711"

    [instance] = read_instances(stored(copy))

    assert "CANARY-4711-CANARY-4711" == instance.header.StudyID


def test_a_directory_of_media_is_no_instance(tmp_path):
    """DICOMDIR is left out; a folder must exist."""
    (tmp_path / "a").mkdir()
    for name in ("DICOMDIR", "a/2", "a/1"):
        (tmp_path / name).write_bytes(b"")

    assert ["1", "2"] == [path.name for path in files_below(tmp_path)]
    with pytest.raises(UnreadableSeries, match="no such folder"):
        files_below(tmp_path / "nowhere")


def test_instances_are_named_by_number():
    """Five at most; one without a number says so."""
    numbered = [Dataset() for _ in range(7)]
    for number, dataset in enumerate(numbered[:6], start=1):
        dataset.InstanceNumber = number

    assert "instance 1, 2, 3, 4, 5 and 2 more" == named(numbered)
    assert "instance without number" == named(numbered[6:])
    assert "instances[InstanceNumber=2].Rows" == field_of(numbered[1], "Rows")


def test_numbers_are_as_many_as_they_must_be():
    """Anything else is no value, damaged text included."""
    dataset = Dataset()
    dataset.PixelSpacing, dataset.Rows = [0.7, 0.8], 512
    dataset.add_new("SliceThickness", "DS", None)

    assert [0.7, 0.8] == numbers_of(dataset, "PixelSpacing", 2).tolist()
    assert [512] == numbers_of(dataset, "Rows", 1).tolist()
    assert numbers_of(dataset, "PixelSpacing", 3) is None
    assert numbers_of(dataset, "SliceThickness", 1) is None
    assert numbers_of(dataset, "Columns", 1) is None


def test_a_whole_number_is_needed():
    """Where there is none, the path of its item is told."""
    dataset = Dataset()
    dataset.SegmentNumber, dataset.SliceThickness = 3, 2.5

    assert 3 == whole_number(dataset, "SegmentNumber", "marking.segments")
    with pytest.raises(UnreadableMarking, match=r"marking\.segments lacks SliceThickness"):
        whole_number(dataset, "SliceThickness", "marking.segments")


def test_items_of_sequences_within_sequences():
    """All inner items in order; none where a sequence is absent."""
    inner, outer = [Dataset() for _ in range(3)], [Dataset() for _ in range(3)]
    outer[0].ReferencedInstanceSequence, outer[2].ReferencedInstanceSequence = inner[:2], inner[2:]
    dataset = Dataset()
    dataset.ReferencedSeriesSequence = outer

    found = items_of(dataset, "ReferencedSeriesSequence", "ReferencedInstanceSequence")

    assert [True] * 3 == [a is b for a, b in zip(inner, found, strict=True)]
    assert [] == items_of(dataset, "SegmentSequence")


def test_a_damaged_sequence_is_told():
    """A sequence is damaged where its items have no beginning."""
    content = CONTENT[: CONTENT.index(b"Canary") - 8]
    broken = content + np.asarray([0x0040, 0x0275], "<u2").tobytes() + b"SQ\0\0\x07\0\0\0garbage"
    header = read_instances([broken])[0].header

    with pytest.raises(UnreadableDicom, match="RequestAttributesSequence is damaged"):
        items_of(header, "RequestAttributesSequence")


def test_an_emptied_uid_is_none():
    """Absent and empty are the same."""
    dataset = Dataset()
    dataset.SOPInstanceUID = ""

    assert "" == uid_of(dataset, "SOPInstanceUID") == uid_of(dataset, "StudyInstanceUID")
