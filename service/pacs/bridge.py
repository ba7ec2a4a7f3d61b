"""The bridge: what has changed in an archive is looked at, scored, and given its results, one study at a time."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

from service.pacs.archive import Archive, News
from service.pacs.backoff import Backoff, Side
from service.pacs.faults import ArchiveAway, Away, NotToBeScored, StudyFailed
from service.pacs.handling import Handler, Scoring
from service.pacs.journal import Journal
from service.pacs.looking import look
from service.pacs.metrics import BridgeMetrics
from service.pacs.rules import Candidate, Rule
from service.pacs.task import State, Task

PROBE_S = 15.0
"""Silence of the service after which it is asked whether it is there."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How hard a bridge tries.

    Attributes:
        poll_s: Between two looks at an archive with no news.
        attempts: After so many failures in a row a study is refused.
        limit_bytes: Largest CT.
        backoff: Between two attempts.
    """

    poll_s: float = 2.0
    attempts: int = 10
    limit_bytes: int = 2 << 30
    backoff: Backoff = field(default_factory=Backoff)


class Bridge:
    """
    Between one archive and one service.

    Args:
        name: Of the archive, in the journal.
        archive: Has studies.
        scorer: Asks the service.
        journal: Remembers.
        rule: What marks nodes.
        metrics: To be told.
        pace: How hard it tries.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        archive: Archive,
        scorer: Scoring,
        journal: Journal,
        rule: Rule,
        metrics: BridgeMetrics,
        pace: Pace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._archive = archive
        self._scorer = scorer
        self._journal = journal
        self._rule = rule
        self._metrics = metrics
        self._pace = pace
        self._clock = clock
        self._noted: News | None = None
        # An archive that lists its news may still have no room for results, and a spool's peer is another machine.
        self._interrupted = False
        self._handler = Handler(archive, scorer, journal, rule, pace.limit_bytes)
        self._source = Side("archive", pace.backoff, metrics.source_up)
        self._service = Side("service", pace.backoff, metrics.service_up)

    def run(self, stopping: Event) -> None:
        """Work until told to stop; the study in hand is finished."""
        while not stopping.is_set():
            if not self.step():
                stopping.wait(self._pace.poll_s)

    def step(self) -> bool:
        """Read news, look at one study, and go on with one; whether there was anything to do."""
        busy = False
        for work in (self._read_news, self._look, self._go_on, self._probe):
            try:
                busy |= work()
            except Away as fault:
                side = self._source if isinstance(fault, ArchiveAway) else self._service
                side.missed(fault)
        if not busy:
            self._archive.tidy(self._journal.is_open)
        self._metrics.observe_backlog(*self._journal.backlog())
        return busy

    def _read_news(self) -> bool:
        if not self._source.ready:
            return False
        known = self._journal.position(self._name)
        try:
            position = self._archive.start() if known is None else known
            news = self._archive.news(position)
        except StudyFailed as fault:
            raise ArchiveAway(str(fault)) from fault
        if not self._interrupted:
            self._source.answered()
        if news != self._noted:
            self._journal.note(self._name, news.studies, news.position, self._clock())
            self._noted = news
        return news.more

    def _look(self) -> bool:
        """Look at the study that has waited longest."""
        now_s = self._clock()
        waiting = self._journal.next_study(now_s) if self._source.ready else None
        if waiting is None:
            return False
        study, stamp, failures = waiting
        try:
            view = self._archive.study(study)
            if view is not None and not view.quiet:
                self._journal.postpone(study, now_s + self._pace.poll_s, failures)
                return True
            found = look(self._archive, view, self._rule, self._journal) if view else ()
        except StudyFailed as fault:
            self._journal.postpone(study, now_s + self._pace.backoff.wait_s(failures + 1), failures + 1)
            log.warning("not looked at", extra={"study": study, "failures": failures + 1, "reason": str(fault)})
            return True
        for task in self._journal.looked(study, stamp, [self._task(study, each) for each in found]):
            if task.state is State.REFUSED:
                self._ended(task, task.state)
            else:
                log.info("found", extra=_told(task))
        return True

    def _task(self, study: str, found: Candidate) -> Task:
        state = State.REFUSED if found.problem else State.FOUND
        return Task(found.key, study, found.marking, found.series, state, found.problem, found_s=self._clock())

    def _go_on(self) -> bool:
        """Go on with the task that has waited longest; it counts as failed until it has ended."""
        ready = self._source.ready and self._service.ready
        task = self._journal.next_task(self._clock()) if ready else None
        if task is None:
            self._interrupted &= not ready
            return False
        begun, start_s = replace(task, failures=task.failures + 1), time.perf_counter()
        if begun.failures > self._pace.attempts:
            self._end(
                task, State.REFUSED, f"was begun {task.failures} times and never ended; {task.reason}".strip("; ")
            )
            return True
        self._journal.update(begun)
        self._interrupted = False
        try:
            if self._handler.handle(begun):
                self._ended(begun, State.STORED)
                self._metrics.handling.observe(time.perf_counter() - start_s)
                self._service.answered()
        except Away as fault:
            self._interrupted = isinstance(fault, ArchiveAway)
            self._journal.excuse(task, self._clock())
            raise
        except NotToBeScored as fault:
            self._end(begun, State.REFUSED, str(fault))
        except StudyFailed as fault:
            self._end(begun, State.FAILED, str(fault))
        except Exception as error:
            log.exception("bug", extra={"study": task.study})
            self._end(begun, State.FAILED, f"the bridge failed ({type(error).__name__}); its log tells where")
        return True

    def _end(self, task: Task, state: State, reason: str) -> None:
        """Remember that a task came to nothing."""
        wait_s = self._pace.backoff.wait_s(max(task.failures, 1)) if state is State.FAILED else 0.0
        ended = replace(task, state=state, reason=reason, due_s=self._clock() + wait_s)
        self._journal.update(ended)
        self._ended(ended, state)

    def _ended(self, task: Task, state: State) -> None:
        self._metrics.studies.labels(state.value).inc()
        log.info(state.value, extra=_told(task))

    def _probe(self) -> bool:
        """Ask the service whether it is there, if it was not heard of for a while; that is nothing to do."""
        if self._service.ready and self._service.silent_s > PROBE_S:
            self._scorer.model()
            self._service.answered()
        return False


def _told(task: Task) -> dict[str, object]:
    """What the log may tell of a task."""
    reason = {"reason": task.reason, "failures": task.failures} if task.reason else {}
    return {"study": task.study, "key": task.key} | reason
