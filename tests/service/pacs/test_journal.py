"""The journal remembers across any end of its bridge."""

import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import pytest

from service.faults import CannotStart
from service.pacs.journal import Journal, held
from service.pacs.task import State, Task

TASK = Task("key", "study", "marking", "series", State.FOUND, found_s=5.0)


class TestStudies:
    def test_what_changed_waits_to_be_looked_at_first_come_first(self, journal):
        """A study waits with its stamp, from the one noted first."""
        journal.note("orthanc", {"b": "1"}, 10, now_s=1.0)
        journal.note("orthanc", {"a": "2"}, 20, now_s=2.0)

        assert ("b", "1", 0) == journal.next_study(3.0)
        assert 20 == journal.position("orthanc")
        assert (2, 1.0) == journal.backlog()

    def test_an_archive_that_was_never_read_has_no_position(self, journal):
        """Nor has another archive's bridge."""
        journal.note("orthanc", {}, 10, now_s=1.0)

        assert journal.position("spool") is None

    def test_what_was_looked_at_waits_no_more(self, journal):
        """Until it changes: the same stamp is the same state."""
        journal.note("orthanc", {"a": "1"}, 1, now_s=1.0)
        journal.looked("a", "1")
        assert journal.next_study(9.0) is None

        journal.note("orthanc", {"a": "1"}, 1, now_s=2.0)
        assert journal.next_study(9.0) is None

        journal.note("orthanc", {"a": "2"}, 2, now_s=3.0)
        assert ("a", "2", 0) == journal.next_study(9.0)
        assert (1, 3.0) == journal.backlog()

    def test_what_changed_while_it_was_looked_at_is_looked_at_again(self, journal):
        """The stamp of the look is an old one."""
        journal.note("orthanc", {"a": "1"}, 1, now_s=1.0)
        journal.note("orthanc", {"a": "2"}, 2, now_s=2.0)

        journal.looked("a", "1")

        assert ("a", "2", 0) == journal.next_study(9.0)

    def test_what_is_postponed_is_not_due_before(self, journal):
        """It keeps its place in the backlog."""
        journal.note("orthanc", {"a": "1"}, 1, now_s=1.0)

        journal.postpone("a", 8.0, failures=3)

        assert journal.next_study(7.9) is None
        assert ("a", "1", 3) == journal.next_study(8.0)
        assert journal.is_open("a")


class TestTasks:
    def test_what_is_known_is_not_found_again(self, journal):
        """A stored result stays stored, however often its study changes."""
        assert [TASK] == journal.looked("study", "1", [TASK])
        journal.update(replace(TASK, state=State.STORED))

        assert [] == journal.looked("study", "2", [TASK])
        assert journal.next_task(9.0) is None
        assert 1 == journal.counts()[State.STORED]

    def test_open_tasks_are_gone_on_with_in_their_order(self, journal):
        """Found, scored and failed ones are; the one found first comes first."""
        tasks = [replace(TASK, key=str(n), state=state, found_s=9.0 - n) for n, state in enumerate(State)]
        journal.looked("study", "1", tasks)
        for state in (State.FAILED, State.SCORED, State.FOUND):
            task = journal.next_task(9.0)

            assert state is task.state
            journal.update(replace(task, state=State.STORED))
        assert journal.next_task(9.0) is None

    def test_a_task_is_not_due_before_its_time(self, journal):
        """It counts as backlog."""
        journal.looked("study", "1", [TASK])
        journal.update(replace(TASK, state=State.FAILED, due_s=50.0, failures=2, reason="no luck"))

        assert journal.next_task(49.0) is None
        assert "no luck" == journal.next_task(50.0).reason
        assert (1, 5.0) == journal.backlog()

    def test_the_model_that_scored_is_not_forgotten(self, journal):
        """A later failure keeps its digest; so does who was excused."""
        journal.looked("study", "1", [TASK])
        journal.update(replace(TASK, state=State.SCORED, model="digest", failures=1))
        journal.excuse(TASK, TASK.due_s)

        assert replace(TASK, state=State.SCORED, model="digest") == journal.next_task(9.0)
        journal.update(replace(TASK, state=State.FAILED, failures=1))
        assert "digest" == journal.next_task(9.0).model

    def test_a_task_of_a_changed_study_is_dropped_and_the_study_looked_at(self, journal):
        """It has waited since the task was found."""
        journal.note("orthanc", {"study": "1"}, 1, now_s=7.0)
        journal.looked("study", "1", [TASK])

        journal.forget(TASK)

        assert journal.next_task(9.0) is None
        assert ("study", "1", 0) == journal.next_study(9.0)
        assert (1, 5.0) == journal.backlog()

    def test_retry_begins_again(self, journal):
        """With refused and failed ones by default; with chosen studies only, if any are named."""
        states = (State.REFUSED, State.FAILED, State.STORED)
        journal.looked("s", "1", [replace(TASK, key=s, study=s, state=s, reason="r", failures=3) for s in states])

        assert 0 == journal.retry(["elsewhere"], states[:2])
        assert 2 == journal.retry([], states[:2])
        assert {State.FOUND: 2, State.STORED: 1} == {s: n for s, n in journal.counts().items() if n}
        assert ("", 0) == (journal.next_task(9.0).reason, journal.next_task(9.0).failures)


def test_results_are_known_again(journal):
    """By their UID, which is not written down."""
    journal.add_results(["1.2.3"])
    journal.add_results(["1.2.3", "1.2.4"])

    assert [True, True, False] == [journal.is_result(uid) for uid in ("1.2.3", "1.2.4", "1.2.5")]


def test_a_journal_is_its_owners_only(tmp_path):
    """Others cannot read it."""
    Journal(tmp_path / "journal").close()

    assert 0o600 == stat.S_IMODE((tmp_path / "journal").stat().st_mode)


def test_what_was_noted_survives_a_kill(tmp_path):
    """A process killed right after a method returned has everything in the file."""
    program = (
        "import os, signal, sys; from pathlib import Path; from service.pacs.journal import Journal\n"
        "from tests.service.pacs.test_journal import TASK\n"
        "journal = Journal(Path(sys.argv[1])); journal.note('orthanc', {'study': '1'}, 7, 1.0)\n"
        "journal.looked('study', '1', [TASK]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, tmp_path / "journal"], env={**os.environ, "PYTHONPATH": "."})

    assert -signal.SIGKILL == ended.returncode
    journal = Journal(tmp_path / "journal")
    assert (7, TASK) == (journal.position("orthanc"), journal.next_task(9.0))
    journal.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to look like one" * 40, None])
def test_what_is_no_journal_is_refused(tmp_path, content):
    """With the file's name and what to do; nothing is overwritten."""
    path = tmp_path / "journal"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    with pytest.raises(CannotStart, match="cannot be used as a journal"):
        Journal(path)
    assert content is None or content == path.read_bytes()


def test_a_journal_of_another_release_is_refused(tmp_path, journal):
    """Its version is told."""
    journal._db.execute("PRAGMA user_version=99")

    with pytest.raises(CannotStart, match=r"another release \(99, not 1\)"):
        Journal(tmp_path / "journal")


def test_two_bridges_never_share_a_journal(tmp_path):
    """The second is refused as long as the first has it; reading it is free."""
    with (
        held(tmp_path / "journal"),
        pytest.raises(CannotStart, match="another nodelens-pacs"),
        held(tmp_path / "journal"),
    ):
        pass
    with held(tmp_path / "journal"):
        Journal(tmp_path / "journal").close()


def test_a_journal_in_no_folder_is_refused(tmp_path):
    """With the reason."""
    with pytest.raises(CannotStart, match="No such file"), held(tmp_path / "nowhere" / "journal"):
        pass
