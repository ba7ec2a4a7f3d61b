"""Cases, several at a time."""

from threading import Event, Lock

import pytest

from service.batch.attempt import Job
from service.batch.cases import read_table
from service.batch.streams import Streams
from tests.service.batch.records import OPTIONS


class Heard:
    """A listener that remembers; it may ask to stop after so many cases, or fail."""

    def __init__(self, stop=None, after=None, error=None):
        self.sent, self.records, self.open, self.widest = [], [], 0, 0
        self.lock, self.stop, self.after, self.error = Lock(), stop, after, error

    def send(self, case):
        """A case is about to be sent."""
        with self.lock:
            self.sent.append(case.name)
            self.open += 1
            self.widest = max(self.widest, self.open)

    def add(self, record):
        """A case is done."""
        with self.lock:
            self.records.append(record)
            self.open -= 1
            if self.error:
                raise self.error
            if len(self.records) == self.after:
                self.stop.set()


def test_every_case_is_scored_once(cohort, embedded, tmp_path):
    """By as many threads as there are streams, and no case waits in memory beside them."""
    cases, heard = read_table(cohort).cases, Heard()
    Streams(embedded, 3).run(cases, Job(OPTIONS, tmp_path), heard, Event())

    assert sorted(case.name for case in cases) == sorted(heard.sent) == sorted(r.case for r in heard.records)
    assert 1 <= heard.widest <= 3


def test_what_was_begun_is_finished_and_no_more(cohort, embedded, tmp_path):
    """Once the batch is told to end."""
    stop = Event()
    heard = Heard(stop, after=2)
    Streams(embedded, 2).run(read_table(cohort).cases, Job(OPTIONS, tmp_path), heard, stop)

    assert 2 <= len(heard.records) <= 3
    assert sorted(heard.sent) == sorted(record.case for record in heard.records)


def test_a_journal_that_cannot_be_written_ends_the_batch(cohort, embedded, tmp_path):
    """The error is told, and the other streams do not go on."""
    heard = Heard(error=OSError("no space left on device"))
    with pytest.raises(OSError, match="no space left"):
        Streams(embedded, 2).run(read_table(cohort).cases, Job(OPTIONS, tmp_path), heard, Event())

    assert len(heard.records) <= 4
