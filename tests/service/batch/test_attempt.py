"""One case, from its files to its record."""

import pytest
import SimpleITK as sitk

from imaging.errors import MaskOutsideVolume, UnreadableImage
from imaging.separation import NodeSeparation
from service.batch.attempt import Job, attempt, reason_of
from service.batch.case import Case
from service.batch.cases import read_table
from service.batch.faults import UnusableCase
from service.options import ClassifyOptions, HeatmapOutput
from service.refusal import Refused
from tests.service.batch.records import OPTIONS
from tests.service.scans import GRID

HEAT = ClassifyOptions(NodeSeparation.LABELS, heatmap_output=HeatmapOutput.VOLUME)


def test_a_case_is_scored(cohort, embedded, tmp_path):
    """The record has what was found; nothing is written without heat maps."""
    case = read_table(cohort).cases[0]
    record = attempt(case, embedded, Job(OPTIONS, tmp_path))

    assert ("c000", "", "", 1, case.stamp()) == (record.case, record.reason, record.message, record.tries, record.stamp)
    assert ["scored", "scored", "at edge"] == [node["status"] for node in record.nodes]
    assert [] == list(tmp_path.iterdir())


def test_a_heat_map_lies_on_the_grid_of_the_ct(cohort, embedded, tmp_path):
    """It is whole, compressed, and named in the findings."""
    record = attempt(read_table(cohort).cases[0], embedded, Job(HEAT, tmp_path))
    heat = sitk.ReadImage(tmp_path / record.findings["heatmap"])

    assert "heatmaps/c000.nii.gz" == record.findings["heatmap"]
    assert GRID.shape[::-1] == heat.GetSize()
    assert sitk.GetArrayViewFromImage(heat).max() > 0
    assert ["c000.nii.gz"] == [path.name for path in (tmp_path / "heatmaps").iterdir()]


def test_the_listener_is_told_before_the_case_is_sent(cohort, embedded, tmp_path):
    """And not where its files cannot be read: then it is never sent."""
    case, told = read_table(cohort).cases[0], []
    attempt(case, embedded, Job(OPTIONS, tmp_path), told.append)
    attempt(Case("none", tmp_path / "none", tmp_path / "none"), embedded, Job(OPTIONS, tmp_path), told.append)

    assert [case] == told


def test_a_case_that_cannot_be_scored_has_a_reason(embedded, tmp_path):
    """For programs and for people, in one line."""
    case = Case("c", tmp_path, None, problem="row 2,\ncolumn label: is wrong")
    record = attempt(case, embedded, Job(OPTIONS, tmp_path))

    assert ("UNUSABLE_CASE", "row 2, column label: is wrong", False) == (record.reason, record.message, record.scored)


def test_reasons_are_words_for_programs():
    """The server's word where it has one, else the name of the fault."""
    reasons = [
        MaskOutsideVolume("x"),
        UnreadableImage("x"),
        UnusableCase("x"),
        Refused("x", "OVERLOADED"),
        Refused("x"),
    ]

    assert ["MASK_OUTSIDE_VOLUME", "UNREADABLE_IMAGE", "UNUSABLE_CASE", "OVERLOADED", "REFUSED"] == list(
        map(reason_of, reasons)
    )


def test_a_result_that_cannot_be_written_ends_the_batch(cohort, embedded, tmp_path):
    """A full or broken disk is no fault of the case."""
    (tmp_path / "heatmaps").write_text("a file in the place of the folder")

    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        attempt(read_table(cohort).cases[0], embedded, Job(HEAT, tmp_path))
