"""Results as files."""

from io import BytesIO

import pydicom
import pytest

from imaging.errors import UnnamedStudy
from service.dicom.kinds import ALL, ResultKind
from service.dicom.objects import objects_of
from service.inference.workers import Abandoned
from tests.service.dicom.studies import LABELS, answer, model, study

STUDY, MODEL = study(), model()
FOUND = answer(STUDY, MODEL)


def test_each_object_is_a_file_of_its_kind():
    """A report, a map, a segmentation and two pictures, which pydicom reads back."""
    objects = objects_of(STUDY, FOUND, MODEL, LABELS, ALL)
    modalities = [(each.kind.value, pydicom.dcmread(BytesIO(each.data)).Modality) for each in objects]

    assert [("sr", "SR"), ("parametric-map", "OT"), ("seg", "SEG")] == modalities[:3]
    assert ["sc", "sc"] == [kind for kind, _ in modalities[3:]]


def test_nothing_is_asked_of_a_study_of_which_no_results_are_wanted():
    """One without UIDs can be scored all the same."""
    nameless = study(StudyInstanceUID="")

    assert () == objects_of(nameless, FOUND, MODEL, LABELS, ())
    with pytest.raises(UnnamedStudy):
        objects_of(nameless, FOUND, MODEL, LABELS, {ResultKind.SR})


def test_work_that_nobody_waits_for_stops_between_two_objects():
    """What the pause raises comes out."""

    def pause():
        raise Abandoned

    with pytest.raises(Abandoned):
        objects_of(STUDY, FOUND, MODEL, LABELS, {ResultKind.SR}, pause)
