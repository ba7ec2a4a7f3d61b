"""The reviews that a server keeps."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from imaging.errors import InvalidLedger, TakenEntryId
from imaging.ledger import append, read_ledger
from service.faults import ReviewIdTaken, ReviewNotStored, ReviewsNotTaken
from service.metrics import Metrics
from service.opinion import Opinion, Receipt

log = logging.getLogger(__name__)


class Reviews:
    """
    Stores reviews in a ledger.

    Args:
        path: The ledger, which is made where there is none; None takes no reviews.
        metrics: Where what was stored is counted.
    """

    def __init__(self, path: Path | None, metrics: Metrics) -> None:
        self._path = path
        self._metrics = metrics
        # Those that wait their turn here hold no thread that a classification needs.
        self._turn = asyncio.Lock()

    def check(self) -> None:
        """Log what the ledger holds, or why no review can be stored; a server answers without its ledger too."""
        if self._path is None:
            return
        try:
            append(self._path, ())
            log.info("reviews are kept", extra={"revision": read_ledger(self._path).revision})
        except InvalidLedger as error:
            log.error("reviews cannot be stored", extra={"problem": str(error)})

    async def store(self, opinion: Opinion) -> Receipt:
        """
        Store a review once; it is on the disk when this returns.

        Raises:
            ReviewsNotTaken: there is no ledger.
            ReviewIdTaken: its id is that of another review.
            ReviewNotStored: the ledger is broken, or cannot be written.
        """
        if self._path is None:
            raise ReviewsNotTaken("this server takes no reviews; its operator can start it with --reviews FILE")
        async with self._turn:
            return await asyncio.to_thread(self._stored, self._path, opinion)

    def _stored(self, path: Path, opinion: Opinion) -> Receipt:
        try:
            new = append(path, [opinion.review(datetime.now(UTC))])
            if new:
                self._metrics.observe_review(opinion)
            ids = [review.entry_id for review in read_ledger(path).reviews]
        except TakenEntryId as error:
            raise ReviewIdTaken("review_id is that of another review already; give each review its own") from error
        except InvalidLedger as error:
            told = {"request_id": opinion.review_id, "problem": str(error)}
            log.error("reviews cannot be stored", extra=told)
            raise ReviewNotStored(
                "the server's ledger must be mended before it can store reviews; keep this one, and send it again"
            ) from error
        return Receipt(opinion.review_id, bool(new), ids.index(opinion.review_id) + 1)
