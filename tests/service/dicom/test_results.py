"""Findings become DICOM objects of the CT's study, the same whenever they are made."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import highdicom
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from imaging.crop import EdgePolicy
from imaging.dicom.reader import read_study_folder
from imaging.errors import UnnamedStudy
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation
from service.dicom.kinds import ALL, ResultKind
from service.dicom.objects import file_of
from service.dicom.results import result_objects
from service.options import ClassifyOptions
from tests.service.dicom.conforming import errors_of
from tests.service.dicom.studies import LABELS, answer, model, study

CLASSES = {
    ResultKind.SR: "1.2.840.10008.5.1.4.1.1.88.34",
    ResultKind.PARAMETRIC_MAP: "1.2.840.10008.5.1.4.1.1.30",
    ResultKind.SEG: "1.2.840.10008.5.1.4.1.1.66.4",
    ResultKind.SC: "1.2.840.10008.5.1.4.1.1.7",
}

DIGESTS = "from tests.service.dicom.test_results import digests; print(*digests())"


def made(told=None, kinds=ALL):
    """The results of a study."""
    told = told or study()
    return result_objects(told, answer(told, model()), model(), LABELS, kinds)


def digests() -> list[str]:
    """SHA-256 of each result as a file."""
    return [hashlib.sha256(file_of(each)).hexdigest() for each in made()]


def classes(objects):
    """The SOP classes of objects."""
    return [str(each.SOPClassUID) for each in objects]


def test_all_kinds_are_made():
    """A report, a map, a segmentation, and a picture of each scored node, in this order."""
    assert [*CLASSES.values(), CLASSES[ResultKind.SC]] == classes(made())


@pytest.mark.parametrize("kind", ResultKind)
def test_a_site_gets_only_what_it_wants(kind):
    """One kind alone is made alone."""
    assert {CLASSES[kind]} == set(classes(made(kinds=(kind,))))


def test_no_kind_is_no_object():
    """Nothing is added to what was asked for."""
    assert () == made(kinds=())


def test_a_kind_alone_is_the_same_as_among_others():
    """A site that wants maps later gets them beside what it has, without doubles."""
    whole = {each.SOPInstanceUID: file_of(each) for each in made()}
    [alone] = made(kinds=(ResultKind.SEG,))

    assert whole[alone.SOPInstanceUID] == file_of(alone)


def test_another_process_makes_the_same_bytes():
    """A second sending makes no doubles: UIDs, dates and pixels do not depend on when, where or in which order."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]

    assert 5 == len(runs[0])
    assert runs[0] == runs[1]


def test_uids_are_all_different():
    """No two objects share one, and none is the CT's."""
    told = study()
    uids = [each.SOPInstanceUID for each in made(told)]

    assert 5 == len({*uids} - {one.SOPInstanceUID for one in told.slices})


def test_without_a_scored_node_there_is_the_report_only():
    """That a node was marked and not scored must reach the reader."""
    told = study()
    edge = np.where(told.mask.labels == 3, 3, 0).astype(np.uint8)

    [report] = made(replace(told, mask=NodeMask(edge, told.mask.geometry)))

    assert CLASSES[ResultKind.SR] == report.SOPClassUID


def test_without_a_mark_there_is_nothing():
    """An empty mask has no results."""
    told = study()

    assert () == made(replace(told, mask=NodeMask(np.zeros_like(told.mask.labels), told.mask.geometry)))


def test_a_study_without_uids_is_refused():
    """Results that belong to no study would be lost in the PACS."""
    with pytest.raises(UnnamedStudy, match="StudyInstanceUID"):
        made(study(StudyInstanceUID=""))


def test_the_server_does_not_pay_for_it():
    """Starting a server imports neither the library that writes DICOM nor the one that draws."""
    code = "import sys, service.serve; print([m for m in sys.modules if m in ('highdicom', 'matplotlib')])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[]" == done.stdout.strip()


def test_a_real_study_gets_results_that_conform(real_data, tmp_path):
    """A CT with a structure set, whose Study ID is longer than DICOM allows, as a scanner and a reader left it."""
    told = read_study_folder(real_data / "sarcoma" / "STS_002-dicom")
    options = ClassifyOptions(separation=NodeSeparation.LABELS, edge_policy=EdgePolicy.PAD)

    objects = result_objects(told, answer(told, model(), options), model(), options)

    assert [*CLASSES.values()] == classes(objects)
    assert [] == [error for each in objects for error in errors_of(each, tmp_path)]
    marked = highdicom.seg.segread(BytesIO(file_of(objects[2]))).get_pixels_by_source_instance(
        [one.SOPInstanceUID for one in told.slices], combine_segments=True, assert_missing_frames_are_empty=True
    )
    assert_array_equal(told.mask.labels, marked)
