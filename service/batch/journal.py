"""
The journal of a batch: what has become of its cases so far.

A file of JSON Lines, ``journal.jsonl``. The first line tells what is scored and how. Then there is a line
``{"sent": CASE}`` before a case is sent, and a `service.batch.record.Record` once it is done, which is on the disk
before the next case of that stream is taken. A process killed on the way leaves whole lines, or a last one without its
end, which is taken away. What was sent and has no record was under way when it was killed: the server may have
answered, and nobody has the answer, so that it is sent again. No other case ever is.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from service.batch.case import Case
from service.batch.faults import UnusableOutput
from service.batch.record import Record

JOURNAL = "journal.jsonl"
FORMAT = 1


class Journal:
    """
    An open journal, which no other process can open meanwhile.

    Args:
        folder: Of the results; made if missing.
        header: What is scored and how; values by name.
        resume: Whether to go on where there is a journal already.

    Attributes:
        records: What has become of the cases so far, by name; the last record of each.
        sent_again: Cases that were sent, and then again since nobody has an answer.

    Raises:
        UnusableOutput: there is a journal and ``resume`` is not said, or it is of another batch, damaged, or open
            elsewhere.
    """

    def __init__(self, folder: Path, header: dict[str, Any], resume: bool) -> None:
        self.records: dict[str, Record] = {}
        self.sent_again: set[str] = set()
        self._under_way: set[str] = set()
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / JOURNAL
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._begin(path, {"nodelens_batch": FORMAT, **header}, resume)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the journal; another process may open it."""
        os.close(self._file)

    def unfinished(self, case: Case) -> bool:
        """
        Whether a case is still to be scored; one that failed is.

        Raises:
            UnusableOutput: it was scored, and its files have been changed since.
        """
        record = self.records.get(case.name)
        if record is None or not record.scored:
            return True
        if record.stamp != case.stamp():
            raise UnusableOutput(
                f"case {case.name} was scored, and its files have been changed since; choose another --out"
            )
        return False

    def send(self, case: Case) -> None:
        """Note that a case is about to be sent; this outlives the process, if not the machine."""
        with self._lock:
            if case.name in self._under_way:
                self.sent_again.add(case.name)
            self._under_way.add(case.name)
            _write(self._file, {"sent": case.name})

    def add(self, record: Record) -> None:
        """Store what became of a case; it is on the disk when this returns."""
        with self._lock:
            self.records[record.case] = record
            self._under_way.discard(record.case)
            _write(self._file, record.to_dict())
            os.fsync(self._file)

    def _begin(self, path: Path, header: dict[str, Any], resume: bool) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnusableOutput(
                f"another batch is writing to {path.parent}; wait for it, or choose another --out"
            ) from error
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(whole))
        lines = list(_parsed(path, whole))
        if not lines:
            _write(self._file, header)
            os.fsync(self._file)
            return
        if not resume:
            raise UnusableOutput(
                f"{path.parent} holds a batch already: --resume goes on with it; or choose another --out"
            )
        _require_same(path.parent, lines[0], header)
        for line in lines[1:]:
            self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if "sent" in line:
            if line["sent"] in self._under_way:
                self.sent_again.add(line["sent"])
            self._under_way.add(line["sent"])
        else:
            self.records[line["case"]] = Record(**line)
            self._under_way.discard(line["case"])


def _parsed(path: Path, whole: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            parsed = json.loads(line)
            if not isinstance(parsed, dict) or (number > 1 and not {"case", "sent"} & parsed.keys()):
                raise ValueError
        except ValueError as error:
            raise UnusableOutput(f"{path}, line {number} is no line of a journal; choose another --out") from error
        yield parsed


def _write(file: int, line: dict[str, Any]) -> None:
    text = (json.dumps(line, allow_nan=False) + "\n").encode("ascii")
    while text:
        text = text[os.write(file, text) :]


def _require_same(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse to go on with another batch; the first difference is named."""
    plain = json.loads(json.dumps(now))
    for name in [*plain, *before]:
        if plain.get(name) != before.get(name):
            was, now_is = (_shown(name, each.get(name)) for each in (before, plain))
            raise UnusableOutput(
                f"{folder} holds another batch: its {name} is {was}, this one's {now_is}; choose another --out"
            )


def _shown(name: str, value: Any) -> str:
    return f"SHA-256 {value[:12]}..." if name == "list of cases" and isinstance(value, str) else str(value)
