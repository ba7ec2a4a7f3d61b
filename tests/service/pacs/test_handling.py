"""One marking, from the archive to the service and back."""

import io
from dataclasses import replace

import pydicom
import pytest

from service.dicom.objects import file_of
from service.pacs.faults import ArchiveAway, NotToBeScored
from service.pacs.handling import Handler
from service.pacs.journal import Journal
from service.pacs.looking import look
from service.pacs.task import State, Task
from tests.service.pacs.fakes import FakeArchive, FakeScorer, results, small_study
from tests.service.pacs.test_rules import RULE


@pytest.fixture
def archive():
    """An archive with one study."""
    made = FakeArchive()
    slices, marking = small_study()
    made.add("study", slices, [marking])
    return made


@pytest.fixture
def handler(archive, tmp_path):
    """Of a bridge."""
    journal = Journal(tmp_path / "journal")
    yield Handler(archive, FakeScorer(results()), journal, RULE, 1 << 20)
    journal.close()


@pytest.fixture
def task(handler, archive):
    """What is to be done, as it was found."""
    journal = handler.journal
    [found] = look(archive, archive.studies["study"], RULE, journal)
    [made] = journal.looked("study", "1", [Task(found.key, "study", found.marking, found.series, State.FOUND)])
    return made


def test_what_is_scored_is_remembered_before_it_is_stored(handler, archive, task):
    """Who dies while storing knows the model, and its results when they come back."""
    archive.fault, archive.failing = ArchiveAway("no answer"), ("store",)

    with pytest.raises(ArchiveAway):
        handler.handle(task)

    assert (State.SCORED, "digest") == (handler.journal.next_task(9.0).state, handler.journal.next_task(9.0).model)
    assert all(handler.journal.is_result(result.SOPInstanceUID) for result in handler.scorer.results_made)


def test_only_names_that_match_are_scored(handler, archive, task):
    """Others of the same marking are not asked about."""
    marking = archive.files[task.marking]
    other = pydicom.Dataset()
    other.SegmentLabel = "Liver"
    marking.SegmentSequence.append(other)

    assert handler.handle(task)
    assert [(3, ("Lymph node",))] == handler.scorer.asked


def test_a_ct_above_the_limit_is_refused(handler, task):
    """Before the service is asked."""
    with pytest.raises(NotToBeScored, match="more than 0 MiB; see --max-study-mib"):
        replace(handler, limit_bytes=1000).handle(task)
    assert [] == handler.scorer.asked


def test_a_marking_that_is_no_longer_one_is_refused(handler, archive, task):
    """The rule is another one than when it was found, or the file."""
    marking = archive.files[task.marking]
    marking.SegmentSequence[0].SegmentLabel = marking.SeriesDescription = "Liver"
    with pytest.raises(NotToBeScored, match="no longer matches --match"):
        handler.handle(task)

    archive.files[task.marking] = small_study()[0][0]
    with pytest.raises(NotToBeScored, match="no longer matches --match"):
        handler.handle(task)


def test_a_study_that_is_gone_is_refused(handler, archive, task):
    """There is nothing to be scored."""
    archive.studies.clear()

    with pytest.raises(NotToBeScored, match="no longer in the archive"):
        handler.handle(task)


def test_a_file_is_written_with_its_meta_information():
    """Any DICOM program reads it."""
    dataset = pydicom.dcmread(io.BytesIO(file_of(results()[1])))

    assert "Scored node" == dataset.SegmentSequence[0].SegmentLabel
