"""The bridge's decisions, with an archive and a service that fail when told to."""

from dataclasses import replace

import pytest

from service.pacs.backoff import Backoff
from service.pacs.bridge import Bridge
from service.pacs.faults import ArchiveAway, NotToBeScored, ServiceAway, StudyFailed
from service.pacs.task import State
from tests.service.pacs.fakes import small_study
from tests.service.pacs.paces import PACE, states, steps
from tests.service.pacs.test_rules import RULE


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

    def test_an_archive_that_takes_no_results_is_left_alone_longer_each_time(self, bridge, archive, metrics, caplog):
        """Though it lists its news: else a full archive, or a peer that is down, costs a score a second."""
        archive.fault, archive.failing = ArchiveAway("no room"), ("store",)
        steps(bridge, 4)

        assert [1, 2, 3, 4] == [record.failures for record in caplog.records if record.getMessage() == "away"]

        archive.fault = None
        steps(bridge, 2)
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

    def test_others_go_on_while_one_brings_the_service_down(self, bridge, archive, scorer, journal, clock):
        """Such as one for which it has too little memory: it is away each time, and back for the next study."""
        scorer.fault = ServiceAway("no answer")
        steps(bridge, 1)
        scorer.fault = None
        clock.now_s += 1
        slices, marking = small_study(1)
        archive.add("other", slices, [marking])

        steps(bridge, 1)

        assert ["other"] == [task.study for task in journal.tasks(State.STORED)]

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
