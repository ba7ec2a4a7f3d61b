"""A batch under way, on the terminal."""

import sys
from threading import Lock
from types import TracebackType

from tqdm import tqdm

from service.batch.case import Case
from service.batch.journal import Journal
from service.batch.record import Record

LINES_S = 60.0
"""Between two lines of progress where nobody looks: in the log of a scheduler."""


class Progress:
    """
    Keeps the journal, and shows rate, time left and failures; a case that failed gets a line.

    Args:
        journal: Where everything is noted first.
        total: Cases of the batch.
        done: Those that were scored before.

    Attributes:
        scored: Cases that were scored in this run.
        failed: Cases that failed in it.
    """

    def __init__(self, journal: Journal, total: int, done: int) -> None:
        self.scored = self.failed = 0
        self._journal = journal
        self._lock = Lock()
        shown_s = 0.1 if sys.stderr.isatty() else LINES_S
        self._bar: tqdm[None] = tqdm(total=total, initial=done, desc="scoring", unit="case", mininterval=shown_s)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def send(self, case: Case) -> None:
        """A case is about to be sent."""
        self._journal.send(case)

    def add(self, record: Record) -> None:
        """A case is done."""
        self._journal.add(record)
        with self._lock:
            self.scored += record.scored
            self.failed += not record.scored
            if not record.scored:
                tqdm.write(f"{record.case}: {record.message} ({record.reason})", file=sys.stderr)
                self._bar.set_postfix(failed=self.failed, refresh=False)
            self._bar.update()
