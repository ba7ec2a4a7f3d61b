"""The desk at which a reader works: what is asked, what has been said, and where it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from imaging.ledger import Ledger, append, read_ledger
from imaging.review import Review, Verdict
from service.opinion import Opinion, Receipt
from service.pages.review.item import Item, key_of
from service.wire_reviews import opinion_from, opinion_message

Send = Callable[[Opinion], Receipt]


@dataclass(frozen=True, slots=True)
class Said:
    """A reader's last word on a node."""

    verdict: Verdict
    comment: str

    def to_dict(self) -> dict[str, str]:
        """As plain values."""
        return {"verdict": self.verdict.value, "comment": self.comment}


class Desk:
    """
    Takes verdicts of one reader; many threads may call.

    What is said goes to the server first, if there is one, and then into the ledger's file, which tells after a restart
    what is done. Whatever ends in between is sent again under the same id, and stored once.

    Args:
        items: What is asked.
        reader: Who answers.
        ledger: The file; made where there is none.
        send: Stores an opinion on a server; None where there is none.

    Raises:
        InvalidLedger: the ledger is broken, or cannot be read.
    """

    def __init__(self, items: Sequence[Item], reader: str, ledger: Path, send: Send | None = None) -> None:
        self.items, self.reader = tuple(items), reader
        self._ledger, self._send, self._lock = ledger, send, Lock()
        self._read()

    def said(self) -> list[Said | None]:
        """The reader's last word on each item, from the ledger as it is now."""
        last = {key_of(review): _last([review]) for review in self._of_reader(self._read().reviews)}
        return [last.get(item.key) for item in self.items]

    def take(self, place: int, verdict: Verdict, comment: str) -> Said:
        """
        Store a verdict; saying the same once more adds nothing.

        Raises:
            InvalidRequest: the comment is too long, or has line breaks.
            CallFailed: the server has not stored it.
            InvalidLedger: the ledger is broken, or cannot be written.
            ImagingError: the case's files can no longer be read.
        """
        item, said = self.items[place], Said(verdict, comment)
        with self._lock:
            earlier = [review for review in self._of_reader(self._read().reviews) if key_of(review) == item.key]
            if _last(earlier) == said:
                return said
            # The way over the wire refuses what the server would refuse.
            opinion = opinion_from(opinion_message(item.opinion(self.reader, verdict, comment, earlier)))
            if self._send:
                self._send(opinion)
            append(self._ledger, [opinion.review(datetime.now(UTC))])
        return said

    def _read(self) -> Ledger:
        return read_ledger(self._ledger) if self._ledger.exists() else Ledger()

    def _of_reader(self, reviews: Sequence[Review]) -> list[Review]:
        return [review for review in reviews if review.reader == self.reader]


def _last(reviews: Sequence[Review]) -> Said | None:
    return Said(reviews[-1].verdict, reviews[-1].reason) if reviews else None


def progress(said: Sequence[Said | None]) -> dict[str, Any]:
    """How much is done."""
    return {"done": sum(each is not None for each in said), "all": len(said)}
