"""What a batch came to."""

import json

import pytest

from service.batch.case import Case
from service.batch.cases import Cohort, read_table
from service.batch.frame import node_rows
from service.batch.labelled import labelled_summary
from service.batch.record import Record
from service.batch.summary import Course, summary_of, summary_text
from tests.service.batch.records import scored


@pytest.fixture(scope="module")
def batch(cohort, embedded, tmp_path_factory):
    """A cohort of which two cases failed and one was not tried, and its records."""
    read = read_table(cohort)
    records = scored(Cohort(read.cases[:7]), embedded, tmp_path_factory.mktemp("heat"))
    for name, reason in (("c007", "UNREADABLE_IMAGE"), ("gone", "UNREADABLE_IMAGE"), ("far", "MASK_OUTSIDE_VOLUME")):
        records[name] = Record(name, reason=reason, message="why")
    others = [Case(name, cohort, cohort) for name in ("gone", "far")]
    return Cohort((*read.cases[:9], *others), True, True), records


@pytest.fixture(scope="module")
def summary(batch, embedded):
    """What it came to."""
    return summary_of(*batch, embedded.ref, embedded.manifest, Course(3.5, 7, ("c001",)))


def test_everything_is_counted(summary):
    """Cases by what became of them, failures by reason, the commonest first, nodes by status."""
    assert {"all": 11, "scored": 7, "failed": 3, "not_tried": 1} == summary["cases"]
    assert [("UNREADABLE_IMAGE", 2), ("MASK_OUTSIDE_VOLUME", 1)] == list(summary["failures"].items())
    assert (21, 14, 7, 0) == tuple(summary["nodes"][name] for name in ("all", "scored", "at_edge", "too_small"))
    assert ["c001"] == summary["sent_again"]
    assert summary["server_s"]["total"] >= summary["server_s"]["inference"] > 0
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_a_batch_without_scores_has_no_times(batch, embedded):
    """Nothing was measured."""
    nothing = summary_of(batch[0], {}, embedded.ref, embedded.manifest, Course(0.0, 0, ()))

    assert (None, None, 11) == (nothing["case_s"], nothing["server_s"], nothing["cases"]["not_tried"])
    assert "a second" not in summary_text(nothing, None)


def test_the_terminal_is_told_the_same(batch, summary):
    """Research use comes first; what is made up is said before any number, and at those that could be misread."""
    text = summary_text(summary, labelled_summary(node_rows(batch[0].cases, batch[1], True)))
    lines = text.splitlines()

    assert "Research use only. Not a diagnosis." == lines[0]
    assert ["model learnt from phantoms", "CTs are phantoms"] == [
        line.removeprefix("WARNING: SYNTHETIC: the ").partition(":")[0] for line in lines[1:3]
    ]
    for words in (
        "11 cases: 7 scored, 3 failed, 1 not tried",
        "2 x UNREADABLE_IMAGE",
        "7 cases in 3.5 s, 2.00 a second",
        "1 were under way when a run was killed",
        "14 labelled nodes (7 metastatic) of 4 patients",
        "AUC (SYNTHETIC) ",
        "at 0.300 (SYNTHETIC): sensitivity ",
    ):
        assert words in text


def test_labels_that_tell_nothing_are_said_to(batch, summary):
    """And cases that stand for patients."""
    same = [row | {"label": 1, "patient": None} for row in node_rows(batch[0].cases, batch[1])]

    text = summary_text(summary, labelled_summary(same))
    assert "14 labelled nodes (14 metastatic) of 7 cases, each taken for a patient: all labels are the same" in text
