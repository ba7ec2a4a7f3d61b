"""The bridge's decisions, with an archive and a service that answer."""

from dataclasses import replace
from threading import Event, Thread

from service.pacs.bridge import Bridge
from service.pacs.faults import ServiceAway
from service.pacs.journal import Journal
from service.pacs.task import State
from tests.service.pacs.fakes import small_study
from tests.service.pacs.paces import PACE, states, steps
from tests.service.pacs.test_rules import RULE


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
