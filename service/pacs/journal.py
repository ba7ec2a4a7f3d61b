"""
What a bridge remembers: an SQLite file that survives its end at any moment.

Every transaction is on the disk before the bridge goes on (write-ahead log, ``synchronous=FULL``), so that a bridge
that was killed goes on where it was: with what it had noted, and with the news after that. Ids in it are the archive's,
which are hashes, and results are known by hashes of their UIDs: nothing in the file is of a patient.
"""

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from pathlib import Path

from service.faults import CannotStart
from service.pacs.archive import digest_of
from service.pacs.task import OPEN, State, Task

VERSION = 1

SCHEMA = """
CREATE TABLE position (archive TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE study (id TEXT PRIMARY KEY, stamp TEXT NOT NULL, waiting INTEGER NOT NULL, due_s REAL NOT NULL,
  found_s REAL NOT NULL, failures INTEGER NOT NULL);
CREATE TABLE task (key TEXT PRIMARY KEY, study TEXT NOT NULL, marking TEXT NOT NULL, series TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, failures INTEGER NOT NULL, due_s REAL NOT NULL, found_s REAL NOT NULL,
  model TEXT NOT NULL);
CREATE TABLE result (uid_digest TEXT PRIMARY KEY);
CREATE INDEX study_waiting ON study (waiting, due_s);
CREATE INDEX task_state ON task (state, due_s);
"""

COLUMNS = ", ".join(field.name for field in fields(Task))
IN_OPEN = f"state IN ({', '.join(repr(state.value) for state in OPEN)})"


class Journal:
    """
    The file of one bridge; it is made where there is none.

    Args:
        path: Of the file.

    Raises:
        CannotStart: it cannot be opened, or is no journal.
    """

    def __init__(self, path: Path) -> None:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            with self._transaction():
                [version] = self._db.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in SCHEMA.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version={VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise CannotStart(f"{path}: cannot be used as a journal ({error}); name another file") from error
        if version not in (0, VERSION):
            raise CannotStart(f"{path}: is a journal of another release ({version}, not {VERSION}); name another file")

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def position(self, archive: str) -> int | None:
        """Where the news of an archive begin; None where none were read."""
        row = self._db.execute("SELECT value FROM position WHERE archive = ?", (archive,)).fetchone()
        return row[0] if row else None

    def note(self, archive: str, studies: Mapping[str, str], position: int, now_s: float) -> None:
        """Remember which studies changed, by id and stamp, and where the next news begin: both or neither."""
        with self._transaction():
            for study, stamp in studies.items():
                self._db.execute(
                    "INSERT INTO study VALUES (?, ?, 1, 0, ?, 0) ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp,"
                    " waiting = 1, due_s = 0, failures = 0,"
                    " found_s = CASE WHEN waiting THEN found_s ELSE excluded.found_s END WHERE stamp <> excluded.stamp",
                    (study, stamp, now_s),
                )
            self._db.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (archive, position))

    def next_study(self, now_s: float) -> tuple[str, str, int] | None:
        """The study that has waited longest to be looked at: its id, its stamp, and how often that failed."""
        row = self._db.execute(
            "SELECT id, stamp, failures FROM study WHERE waiting AND due_s <= ? ORDER BY found_s, id LIMIT 1", (now_s,)
        ).fetchone()
        return tuple(row) if row else None

    def postpone(self, study: str, due_s: float, failures: int = 0) -> None:
        """Look at a study later."""
        self._db.execute("UPDATE study SET due_s = ?, failures = ? WHERE id = ?", (due_s, failures, study))

    def looked(self, study: str, stamp: str, tasks: Iterable[Task] = ()) -> Sequence[Task]:
        """
        Remember what was found in a study; what is known already stays as it is.

        Args:
            study: Its id.
            stamp: When it was looked at; it waits on where it has changed since.
            tasks: What is to be scored.

        Returns:
            Those of them that are new.
        """
        places = ", ".join("?" * len(fields(Task)))
        with self._transaction():
            insert = f"INSERT OR IGNORE INTO task ({COLUMNS}) VALUES ({places})"
            new = [task for task in tasks if self._db.execute(insert, astuple(task)).rowcount]
            self._db.execute("UPDATE study SET waiting = 0 WHERE id = ? AND stamp = ?", (study, stamp))
        return new

    def next_task(self, now_s: float) -> Task | None:
        """The task that has waited longest of those that are due; those begun before come after the others."""
        found = self._tasks(f"{IN_OPEN} AND due_s <= ? ORDER BY due_s, found_s, key LIMIT 1", now_s)
        return found[0] if found else None

    def update(self, task: Task) -> None:
        """Remember how far a task has come."""
        self._db.execute(
            "UPDATE task SET state = ?, reason = ?, failures = ?, due_s = ?,"
            " model = coalesce(nullif(?, ''), model) WHERE key = ?",
            (task.state, task.reason, task.failures, task.due_s, task.model, task.key),
        )

    def excuse(self, task: Task, due_s: float) -> None:
        """Put back how often a task has failed: this time it was not its fault. Should it have been, others go on."""
        self._db.execute("UPDATE task SET failures = ?, due_s = ? WHERE key = ?", (task.failures, due_s, task.key))

    def forget(self, task: Task) -> None:
        """Drop a task whose study has changed, and look at that again."""
        with self._transaction():
            self._db.execute("DELETE FROM task WHERE key = ?", (task.key,))
            self._db.execute(
                "UPDATE study SET waiting = 1, due_s = 0, found_s = ? WHERE id = ?", (task.found_s, task.study)
            )

    def add_results(self, uids: Iterable[str]) -> None:
        """Remember objects as results of this bridge."""
        with self._transaction():
            rows = [(digest_of(uid),) for uid in uids]
            self._db.executemany("INSERT OR IGNORE INTO result VALUES (?)", rows)

    def is_result(self, uid: str) -> bool:
        """Whether an object is a result of this bridge."""
        return self._db.execute("SELECT 1 FROM result WHERE uid_digest = ?", (digest_of(uid),)).fetchone() is not None

    def retry(self, studies: Collection[str], states: Collection[State]) -> int:
        """
        Begin again with tasks.

        Args:
            studies: Only of these; empty is all.
            states: Only what has come so far.

        Returns:
            How many there are.
        """
        chosen = [t for state in states for t in self.tasks(state) if not studies or t.study in studies]
        with self._transaction():
            for task in chosen:
                self._db.execute(
                    "UPDATE task SET state = ?, reason = '', failures = 0, due_s = 0, model = '' WHERE key = ?",
                    (State.FOUND, task.key),
                )
        return len(chosen)

    def tasks(self, state: State) -> Sequence[Task]:
        """All tasks that have come so far, from the one found first."""
        return self._tasks("state = ? ORDER BY found_s, key", state)

    def counts(self) -> dict[State, int]:
        """How many tasks have come how far."""
        return {state: len(self.tasks(state)) for state in State}

    def backlog(self) -> tuple[int, float | None]:
        """How many studies are to be looked at or gone on with, and since when the first of them waits."""
        count, oldest_s = self._db.execute(
            "SELECT count(DISTINCT id), min(found_s) FROM (SELECT id, found_s FROM study WHERE waiting"
            f" UNION ALL SELECT study, found_s FROM task WHERE {IN_OPEN})"
        ).fetchone()
        return count, oldest_s

    def is_open(self, study: str) -> bool:
        """Whether a study is to be looked at or gone on with."""
        waiting = self._db.execute("SELECT 1 FROM study WHERE waiting AND id = ?", (study,)).fetchone()
        return waiting is not None or bool(self._tasks(f"{IN_OPEN} AND study = ?", study))

    def _tasks(self, condition: str, *values: object) -> list[Task]:
        rows = self._db.execute(f"SELECT {COLUMNS} FROM task WHERE {condition}", values)
        return [replace(Task(*row), state=State(row[4])) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """
    Keep a journal to one bridge, until the block or the process ends.

    Raises:
        CannotStart: another bridge has it.
    """
    try:
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise CannotStart(f"{path}: cannot be used as a journal ({error.strerror}); name another file") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(f"{path}: another nodelens-pacs uses this journal; give each its own") from error
        yield
