"""The structured report, as others read it."""

from dataclasses import replace
from io import BytesIO

import pytest
from highdicom.sr import Comprehensive3DSR, srread
from pydicom.sr.codedict import codes
from pydicom.uid import Comprehensive3DSRStorage

from service.dicom.objects import file_of
from service.dicom.report import report
from service.findings import Code, Notice
from tests.service.dicom.conforming import errors_of, printed


@pytest.fixture
def told(basis, segments):
    """The report of an axial study."""
    return report(basis, segments)


def test_it_has_a_group_for_each_node(told):
    """Read by template, the scored nodes are volumes of interest and the other is not."""
    read = srread(BytesIO(file_of(told)))

    assert isinstance(read, Comprehensive3DSR)
    assert 2 == len(read.content.get_volumetric_roi_measurement_groups())
    assert 1 == len(read.content.get_image_measurement_groups())


def test_nobody_has_verified_it(told):
    """It is complete as a program can be, preliminary, and unverified."""
    assert Comprehensive3DSRStorage == told.SOPClassUID
    assert ("COMPLETE", "PRELIMINARY", "UNVERIFIED") == (
        told.CompletionFlag,
        told.PreliminaryFlag,
        told.VerificationFlag,
    )


def test_what_must_be_known_stands_before_the_measurements(basis, segments):
    """Research use, phantoms, the warnings of the answer, and those about the study are read first."""
    notice = Notice(Code.UNGATED_MODEL, "the model did not pass its release gates")
    found, study = replace(basis.found, notices=(notice,)), replace(basis.study, notices=("joined by frame",))
    told = report(replace(basis, found=found, study=study), segments)

    names = [item.name for item in told.content[0].ContentSequence]
    comments = [item.value for item in told.content[0].ContentSequence if item.name == codes.DCM.Comment]

    assert ["RESEARCH USE ONLY - SYNTHETIC", "Research use only. Not a diagnosis."] == comments[:2]
    assert [notice.message, "joined by frame"] == comments[2:]
    assert codes.DCM.ImagingMeasurements == names[-1]


def test_it_lists_its_evidence(basis, segments, told):
    """The CT's slices, what marked the nodes, and the segmentation."""
    listed = {uid for _, _, uid, _ in told.get_evidence()}

    assert {one.SOPInstanceUID for one in basis.study.slices} < listed
    assert {basis.study.marking.SOPInstanceUID, segments.SOPInstanceUID} < listed


def test_with_and_without_segments_are_two_reports(basis, segments):
    """What is not the same has not the same UID."""
    assert report(basis, segments).SOPInstanceUID != report(basis, None).SOPInstanceUID


def test_nothing_marked_is_no_report(basis):
    """There is no group to write."""
    assert report(replace(basis, nodes=()), None) is None


def test_dsrdump_prints_it(told, tmp_path):
    """An independent program reads the whole tree: numbers, units, codes and words."""
    text = printed(told, tmp_path)

    assert "Comprehensive 3D SR Document" in text
    assert '"Probability of cancer")="81.23" (%,UCUM,"Percent")' in text
    assert text.count('"Measurement Group")') == 3
    assert 'Metastasis")=(373121007,SCT,"Not Evaluated")' in text
    assert "Verification Flag   : UNVERIFIED" in text


@pytest.mark.parametrize("with_segments", [True, False])
def test_it_conforms(basis, segments, with_segments, tmp_path):
    """An independent checker finds no error."""
    assert [] == errors_of(report(basis, segments if with_segments else None), tmp_path)
