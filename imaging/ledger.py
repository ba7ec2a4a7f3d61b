"""
The append-only ledger of reviews.

A file of JSON Lines in UTF-8, written by `nodelens-train relabel` and by the service, read by
`nodelens-train fit --labels LEDGER@REVISION`. Each line is an object with the fields of a `Review` (its ``node`` is an
object too; what is not known is null), with ``new_label``, and with two digests, as 64 hexadecimal digits:

* ``previous``  the ``digest`` of the line before; zeros in the first line
* ``digest``    SHA-256 of ``previous`` and then the review's canonical JSON: all other fields, keys sorted, no blanks

So a line that was changed, and a gap in the middle, are found. What was cut off at the end is not: whoever needs
that writes down revision and head, as a training run does. Revision N is the first N lines.

An entry is stored when `append` returns. A process killed on the way leaves whole lines, or a last one without its
end: that one counts for nothing, and the next `append` takes it away. One that lacks only the line break counts.
"""

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from imaging.atomic import sync_folder
from imaging.errors import InvalidLedger, InvalidReview, TakenEntryId
from imaging.review import Review

GENESIS = "0" * 64
"""What the first line follows from."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    What a ledger holds.

    Attributes:
        reviews: In the order in which they were stored.
        digests: Of each line.
    """

    reviews: tuple[Review, ...] = ()
    digests: tuple[str, ...] = ()

    @property
    def revision(self) -> int:
        """How many reviews there are."""
        return len(self.reviews)

    @property
    def head(self) -> str:
        """Digest of the last line; it vouches for all before."""
        return self.digests[-1] if self.digests else GENESIS

    def at(self, revision: int) -> "Ledger":
        """
        The first reviews.

        Raises:
            InvalidLedger: there are fewer.
        """
        if not 0 <= revision <= self.revision:
            raise InvalidLedger(f"the ledger has {self.revision} entries; there is no revision {revision}")
        return Ledger(self.reviews[:revision], self.digests[:revision])


def read_ledger(path: Path) -> Ledger:
    """
    All of a ledger; a half-written last line is left out, with a warning.

    Raises:
        InvalidLedger: no such file, or its chain is broken; the message names the line.
    """
    if not path.is_file():
        raise InvalidLedger(f"{path}: no such file")
    with _locked(path, os.O_RDONLY, fcntl.LOCK_SH) as file:
        return _parsed(path, _content(file))[0]


def append(path: Path, reviews: Iterable[Review]) -> tuple[Review, ...]:
    """
    Store reviews that are not there yet, and give back these; they are on the disk when this returns.

    A review whose ``entry_id`` is there already is not stored again. Several processes may append at once.

    Raises:
        InvalidLedger: the chain is broken, or the file cannot be written; then none of the reviews is stored.
        TakenEntryId: an ``entry_id`` is that of another review.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as file:
            content = _content(file)
            ledger, length = _parsed(path, content)
            new = _unknown(ledger, reviews)
            os.ftruncate(file, length)
            # What lacks only its line break is kept, and gets it.
            text = b"\n" if content[:length] and not content[:length].endswith(b"\n") else b""
            _write(file, text + "".join(_lines(ledger.head, new)).encode("ascii"), length)
        sync_folder(path.parent)
    except OSError as error:
        raise InvalidLedger(f"{path} cannot be written: {error.strerror}") from error
    return new


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[int]:
    try:
        file = os.open(path, flags, 0o644)
    except OSError as error:
        raise InvalidLedger(f"{path} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(file, lock)
        yield file
    finally:
        os.close(file)


def _content(file: int) -> bytes:
    with os.fdopen(os.dup(file), "rb") as whole:
        whole.seek(0)
        return whole.read()


def _write(file: int, text: bytes, length: int) -> None:
    """Put text on the disk; where that fails, cut the file back to its length, lest a lost entry be held for stored."""
    try:
        while text:
            text = text[os.write(file, text) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, length)
        raise


def _unknown(ledger: Ledger, reviews: Iterable[Review]) -> tuple[Review, ...]:
    known = {review.entry_id: review for review in ledger.reviews}
    new = []
    for review in reviews:
        stored = known.get(review.entry_id)
        if stored is None:
            known[review.entry_id] = review
            new.append(review)
        elif replace(review, when=stored.when) != stored:
            raise TakenEntryId(f"entry_id {review.entry_id} is that of another review already")
    return tuple(new)


def _lines(head: str, reviews: Iterable[Review]) -> Iterator[str]:
    for review in reviews:
        previous, head = head, _digest(head, review.canonical())
        yield json.dumps({**review.to_dict(), "previous": previous, "digest": head}, allow_nan=False) + "\n"


def _digest(previous: str, canonical: str) -> str:
    return hashlib.sha256((previous + canonical).encode("ascii")).hexdigest()


def _parsed(path: Path, content: bytes) -> tuple[Ledger, int]:
    """The ledger, and how many bytes of the file are it."""
    *whole, last = content.split(b"\n")
    reviews, digests = [], [GENESIS]
    for number, line in enumerate(whole, start=1):
        review, digest = _entry(f"{path}, line {number}", line, digests[-1])
        reviews.append(review)
        digests.append(digest)
    if not last:
        return Ledger(tuple(reviews), tuple(digests[1:])), len(content)
    if _is_half(last):
        log.warning("%s: the last line is half-written and counts for nothing", path)
        return Ledger(tuple(reviews), tuple(digests[1:])), len(content) - len(last)
    review, digest = _entry(f"{path}, last line", last, digests[-1])
    return Ledger((*reviews, review), (*digests[1:], digest)), len(content)


def _is_half(line: bytes) -> bool:
    """Whether the end is missing: an object without its last brace is no JSON."""
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def _entry(where: str, line: bytes, head: str) -> tuple[Review, str]:
    """
    A line's review and digest.

    Raises:
        InvalidLedger: it is no entry, or does not follow from the line before.
    """
    try:
        plain = json.loads(line)
        previous, digest = plain.pop("previous"), plain.pop("digest")
        review = Review.from_dict(plain)
    except (AttributeError, InvalidReview, KeyError, TypeError, ValueError) as error:
        raise InvalidLedger(f"{where} is no entry of a ledger") from error
    if previous != head:
        raise InvalidLedger(f"{where} does not follow from the line before: lines are missing, or were moved")
    if digest != _digest(head, review.canonical()):
        raise InvalidLedger(f"{where} was changed after it was stored")
    return review, str(digest)
