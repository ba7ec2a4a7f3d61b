"""The bridge's decisions, with an archive and a service that fail when told to."""

from dataclasses import replace
from threading import Event, Thread

import pytest

from service.pacs.backoff import Backoff
from service.pacs.bridge import Bridge, Pace
from service.pacs.faults import ArchiveAway, NotToBeScored, ServiceAway, StudyFailed
from service.pacs.journal import Journal
from service.pacs.metrics import BridgeMetrics
from service.pacs.task import State
from tests.service.pacs.fakes import FakeArchive, FakeClock, FakeScorer, results, small_study
from tests.service.pacs.test_rules import RULE

PACE = Pace(poll_s=2.0, attempts=3, backoff=Backoff(0.0, 0.0))


@pytest.fixture
def archive():
    """An archive with one study."""
    made = FakeArchive()
    slices, marking = small_study()
    made.add("study", slices, [marking])
    return made


@pytest.fixture
def scorer():
    """A scorer that makes two results."""
    return FakeScorer(results())


@pytest.fixture
def journal(tmp_path):
    """An empty journal."""
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()


@pytest.fixture
def metrics():
    """Of the bridge."""
    return BridgeMetrics()


@pytest.fixture
def clock():
    """Stands still."""
    return FakeClock()


@pytest.fixture
def bridge(archive, scorer, journal, metrics, clock):
    """Between the two."""
    return Bridge("orthanc", archive, scorer, journal, RULE, metrics, PACE, clock)


def steps(bridge, count=6):
    """Let a bridge work."""
    for _ in range(count):
        bridge.step()


def states(journal):
    """How many have come how far."""
    return {state: count for state, count in journal.counts().items() if count}


class TestResults:
    def test_a_study_is_scored_and_its_results_are_stored_the_report_last(self, bridge, archive, scorer, journal):
        """Slices and marking are fetched once; the journal knows the model."""
        steps(bridge)

        assert [(3, ())] == scorer.asked
        assert [b"SEG", b"SR"] == [b"SEG" if b"Scored node" in content else b"SR" for _, content in archive.stored]
        assert "digest" == journal.tasks(State.STORED)[0].model

    def test_results_do_not_begin_anything(self, bridge, archive, scorer, journal):
        """They come into the study, which changes."""
        steps(bridge)
        slices, marking = small_study()
        archive.add("study", slices, [marking, *scorer.results_made])

        steps(bridge)

        assert 1 == len(scorer.asked)
        assert {State.STORED: 1} == states(journal)

    def test_results_that_an_archive_renamed_are_known_by_their_uids(self, bridge, archive, scorer, journal):
        """Even where it put its own manufacturer into them."""
        steps(bridge)
        slices, marking = small_study()
        segments = scorer.results_made[1]
        segments.Manufacturer = "Archive Inc."
        archive.add("study", slices, [marking, segments])

        steps(bridge)

        assert 1 == len(scorer.asked)

    def test_a_new_marking_is_scored_too(self, bridge, archive, scorer, journal):
        """The old one is not repeated."""
        steps(bridge)
        slices, marking = small_study()
        _, other = small_study(1)
        archive.add("study", slices, [marking, other])

        steps(bridge)

        assert 2 == len(scorer.asked)
        assert {State.STORED: 2} == states(journal)

    def test_a_study_that_still_comes_is_left_alone(self, bridge, archive, scorer, clock):
        """It is looked at again after a while, and scored when it is quiet."""
        slices, marking = small_study()
        archive.add("study", slices, [marking], quiet=False)
        steps(bridge)
        assert [] == scorer.asked

        archive.calm("study")
        steps(bridge)
        assert [] == scorer.asked
        clock.now_s += 2.0
        steps(bridge)
        assert 1 == len(scorer.asked)

    def test_a_ct_that_grew_since_it_was_found_is_looked_at_again(self, bridge, archive, scorer, journal):
        """It is scored once, as it is at last."""
        scorer.fault = ServiceAway("no answer")
        steps(bridge, 2)
        slices, marking = small_study()
        archive.add("study", [*slices, slices[0]], [marking])
        scorer.fault = None

        steps(bridge)

        assert (4, ()) == scorer.asked[-1]
        assert {State.STORED: 1} == states(journal)

    def test_a_study_that_was_deleted_is_no_trouble(self, bridge, archive, journal):
        """Nothing is found in it."""
        archive.studies.clear()

        steps(bridge)

        assert {} == states(journal)
        assert (0, None) == journal.backlog()


class TestFailures:
    @pytest.mark.parametrize("failing", ["news", "study", "file", "store"])
    def test_an_archive_that_is_away_costs_a_study_nothing(self, bridge, archive, scorer, journal, metrics, failing):
        """When it is back the study is scored, however often it was away."""
        archive.fault, archive.failing = ArchiveAway("no answer"), (failing,)
        steps(bridge, 20)
        assert 0 == metrics.registry.get_sample_value("nodelens_pacs_source_up")

        archive.fault = None
        steps(bridge)

        assert {State.STORED: 1} == states(journal)
        assert 2 == len(archive.stored)
        assert 1 == metrics.registry.get_sample_value("nodelens_pacs_source_up")

    def test_a_service_that_is_away_costs_a_study_nothing(self, bridge, scorer, journal, metrics):
        """The same for the service."""
        scorer.fault = ServiceAway("no answer")
        steps(bridge, 20)
        assert {State.FOUND: 1} == states(journal)
        assert 0 == metrics.registry.get_sample_value("nodelens_pacs_service_up")
        assert 1 == metrics.registry.get_sample_value("nodelens_pacs_backlog")

        scorer.fault = None
        steps(bridge)

        assert {State.STORED: 1} == states(journal)
        assert 1 == metrics.registry.get_sample_value("nodelens_pacs_service_up")

    def test_what_is_away_is_left_alone_for_its_wait(self, archive, scorer, journal, metrics, clock):
        """A service is not asked again before; meanwhile news are read."""
        patient = replace(PACE, backoff=Backoff(1000.0, 1000.0))
        bridge = Bridge("orthanc", archive, scorer, journal, RULE, metrics, patient, clock)
        scorer.fault = ServiceAway("no answer")
        steps(bridge)
        assert 1 == len(scorer.asked)
        position = journal.position("orthanc")

        steps(bridge)

        assert 1 == len(scorer.asked)
        assert position < journal.position("orthanc")

    def test_a_model_that_scored_is_asked_for_again(self, bridge, archive, scorer):
        """Results of an interrupted storing are made by the same model."""
        archive.fault, archive.failing = ArchiveAway("no answer"), ("store",)
        steps(bridge)
        archive.fault = None

        steps(bridge)

        assert ("", "digest") == (scorer.preferred[0], scorer.preferred[-1])

    def test_a_study_that_will_never_be_scored_is_refused_once(self, bridge, archive, scorer, journal, metrics):
        """With the reason; the same study is not tried again when it changes otherwise."""
        scorer.fault = NotToBeScored("slices are missing")
        steps(bridge)
        archive.touch("study")
        steps(bridge)

        assert 1 == len(scorer.asked)
        assert ["slices are missing"] == [task.reason for task in journal.tasks(State.REFUSED)]
        assert 1 == metrics.registry.get_sample_value("nodelens_pacs_studies_total", {"outcome": "refused"})

    @pytest.mark.parametrize("fault", [StudyFailed("the service failed"), ZeroDivisionError("of Canary^Carla")])
    def test_a_study_that_fails_again_and_again_is_refused(self, bridge, scorer, journal, clock, fault):
        """After as many attempts as it may have, with the last reason and never with an exception's words."""
        scorer.fault = fault
        for _ in range(9):
            steps(bridge, 1)
            clock.now_s += 1

        assert 3 == len(scorer.asked)
        [task] = journal.tasks(State.REFUSED)
        assert "was begun 3 times" in task.reason
        assert "Canary" not in task.reason

    def test_others_go_on_while_one_fails(self, archive, scorer, journal, metrics, clock):
        """A failed study waits; the next one is scored."""
        patient = replace(PACE, backoff=Backoff(1000.0, 1000.0))
        bridge = Bridge("orthanc", archive, scorer, journal, RULE, metrics, patient, clock)
        scorer.fault = StudyFailed("the service failed")
        steps(bridge, 2)
        scorer.fault = None
        slices, marking = small_study(1)
        archive.add("other", slices, [marking])

        steps(bridge)

        assert {State.FAILED: 1, State.STORED: 1} == states(journal)

    def test_a_study_that_cannot_be_looked_at_is_tried_again(self, bridge, archive, scorer, clock):
        """Later and later."""
        archive.fault, archive.failing = StudyFailed("Orthanc failed over one request"), ("file",)
        steps(bridge)
        assert [] == scorer.asked

        archive.fault = None
        clock.now_s += 1
        steps(bridge)

        assert 1 == len(scorer.asked)

    def test_a_marking_without_a_ct_is_refused_with_the_reason(self, bridge, archive, journal):
        """Until one comes."""
        slices, marking = small_study()
        archive.add("study", [*slices], [marking])
        whole = archive.studies["study"]
        archive.studies["study"] = replace(whole, series=whole.series[1:])
        steps(bridge)
        assert ["the study has no CT"] == [task.reason for task in journal.tasks(State.REFUSED)]

        archive.add("study", [*slices], [marking])
        steps(bridge)
        assert 1 == journal.counts()[State.STORED]


def test_a_bridge_that_dies_over_a_study_each_time_gives_it_up(bridge, scorer, journal):
    """It counts what it begins, so that a study that kills it does not keep it from the others."""

    class Killed(BaseException):
        pass

    scorer.fault = Killed()
    for _ in range(3):
        with pytest.raises(Killed):
            steps(bridge)
    steps(bridge)

    assert {State.REFUSED: 1} == states(journal)


def test_an_idle_bridge_tidies_its_archive_and_asks_for_the_service(bridge, archive, scorer, metrics):
    """So that metrics know whether the service is there before there is a study."""
    archive.studies.clear()
    archive.stamps.clear()

    steps(bridge, 2)

    assert [""] == scorer.preferred
    assert archive.tidied
    assert 1 == metrics.registry.get_sample_value("nodelens_pacs_service_up")


def test_a_bridge_runs_until_it_is_told_to_stop(archive, scorer, tmp_path, metrics):
    """What is in hand is finished."""
    stopping = Event()

    def run():
        journal = Journal(tmp_path / "journal")
        Bridge("orthanc", archive, scorer, journal, RULE, metrics, replace(PACE, poll_s=0.01)).run(stopping)
        journal.close()

    thread = Thread(target=run)
    thread.start()
    while len(archive.stored) < 2:
        pass
    stopping.set()
    thread.join(10)

    assert not thread.is_alive()
